import { describe, expect, test } from 'vitest';
import { world } from './world.ts';

const at = world();
const { run } = at;

describe.each(['sh', 'bash'])('the exit names the command that failed, in %s', (shell) => {
  test.each([
    [['true', 'false', 'true'], 1, '`false` (command 2 of 3) exited 1'],
    [['exit 7'], 7, '`exit 7` exited 7'],
    [['true', 'set -e', 'true\nfalse\ntrue'], 1, '`true…` (command 3 of 3) exited 1'],
    [['exec sh -c "exit 9"', 'true'], 9, '`exec sh -c "exit 9"` (command 1 of 2) exited 9'],
    [['trap "exit 6" EXIT', '(exit 137)'], 6, '`(exit 137)` (command 2 of 2) exited 6'],
    [['(exit 137)', 'true'], 137, '`(exit 137)` (command 1 of 2) exited 137'],
    [
      ['set -C', 'set -u', 'set -o noglob', 'no-such-program'],
      127,
      '`no-such-program` (command 4 of 4) exited 127',
    ],
    [[`echo ${'x'.repeat(100)} && false`], 1, `\`echo ${'x'.repeat(75)}…\` exited 1`],
  ])('%j', async (commands, status, message) => {
    const { exit } = await run({ shell, commands });
    expect(exit).toMatchObject({ cause: 'commands', status, signal: null });
    expect(exit.message?.split(';')[0]).toBe(message);
  });

  test('and the signal that ended it', async () => {
    const { exit } = await run({ shell, commands: ['true', 'kill -SEGV $$'] });
    const message = '`kill -SEGV $$` (command 2 of 2)';
    expect(exit).toMatchObject({ status: null, signal: 'SIGSEGV', message: `SIGSEGV ended ${message}` });
  });

  test('and counts none of those that Sortie has put before them', async () => {
    const { exit } = await run({ shell, own_commands: 1, commands: ['true', 'true', 'false'] });
    expect(exit.message).toBe('`false` (command 2 of 2) exited 1');
  });

  test('`set -x` shows the commands and nothing of ours', async () => {
    const commands = ['set -x', 'echo one; echo two', 'cd /', 'set +x; echo three', 'set -x', 'false'];
    const { log } = await run({ shell, commands });
    const lines = log.split('\n').map((line) => line.replace(/^\++ /, '+ '));
    expect(lines).toEqual([
      ...['+ echo one', 'one', '+ echo two', 'two', '+ cd /', '+ set +x', 'three', '+ false', ''],
    ]);
  });

  test('the trap of the user still has its output', async () => {
    const { log } = await run({ shell, commands: ['trap "echo bye >&2" EXIT', 'false'] });
    expect(log).toBe('bye\n');
  });
});

test('the exit status is on the disk, written by the shell that started the commands', async () => {
  const { submission } = await run({ commands: ['exit 5'] });
  expect(at.instance.read(submission, 'status')).toBe('5\n');
});
