import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { world } from './world.ts';

const folder = fs.mkdtempSync(join(tmpdir(), 'sortie-cgroup-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('a job that runs out of memory', () => {
  // Files where the kernel has its own: only root of a machine of its own may make cgroups.
  const at = world('sh', { env: { SORTIE_CGROUP: folder } });
  const counting = (count: number, ...commands: string[]) => [
    `printf 'low 0\\noom 3\\noom_kill ${count}\\n' >"$GROUPS_OF/$SORTIE_SUBMISSION_ID/memory.events"`,
    ...commands,
  ];
  const env = { GROUPS_OF: folder };

  test.each([
    [
      counting(1, 'kill -KILL $$'),
      'SIGKILL ended `kill -KILL $$` (command 2 of 2); the instance ran out of memory: the kernel killed a process of the job',
    ],
    [
      counting(2, 'exit 137'),
      'SIGKILL ended `exit 137` (command 2 of 2); the instance ran out of memory: the kernel killed 2 processes of the job',
    ],
    [
      counting(2, '(exit 1)'),
      '`(exit 1)` (command 2 of 2) exited 1; the instance ran out of memory: the kernel killed 2 processes of the job',
    ],
    [counting(0, 'kill -KILL $$'), 'SIGKILL ended `kill -KILL $$` (command 2 of 2)'],
    [counting(2, 'true'), null],
  ])('says so, where the kernel counts (%j)', async (commands, message) => {
    const { submission, exit } = await at.run({ env, commands });
    expect(exit.message).toBe(message);
    expect(fs.readFileSync(join(folder, submission, 'cgroup.procs'), 'utf8')).toBe('0\n');
  });

  test('is ended before others', async () => {
    const { log } = await at.run({ commands: ['cat /proc/self/oom_score_adj'] });
    expect(log).toBe('500\n');
  });
});

describe('where the kernel does not count', () => {
  const { run } = world();

  test.each([
    [
      'kill -KILL $$',
      'SIGKILL ended `kill -KILL $$`; Sortie did not send this KILL: the instance has probably run out of memory',
    ],
    [
      "(sh -c 'kill -KILL $$')",
      "`(sh -c 'kill -KILL $$')` exited 137; Sortie did not send this KILL: the instance has probably run out of memory",
    ],
    ['kill -SEGV $$', 'SIGSEGV ended `kill -SEGV $$`'],
  ])('a KILL that nobody here sent is said to be one, probably (%s)', async (command, message) => {
    expect((await run({ commands: [command] })).exit.message).toBe(message);
  });

  test('all is as it was', async () => {
    const { log } = await run({ commands: ['cat /proc/self/oom_score_adj'] });
    expect(log).toBe(fs.readFileSync('/proc/self/oom_score_adj', 'utf8'));
  });
});
