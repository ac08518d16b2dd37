import { describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newSubmission } from './instance.ts';
import { environment, isAlive, processes } from './processes.ts';
import { world } from './world.ts';

const at = world();
const { run, start, delivered, logged } = at;

const FOREVER = 'while :; do sleep 0.01; done';
const OBEYS = `trap "echo bye; exit 4" TERM; echo ready; ${FOREVER}`;
const IGNORES = `trap "echo ignored" TERM; echo ready; ${FOREVER}`;

// Some shells say 'Terminated' of a child that a signal ended.
describe('a job told to stop', () => {
  test('by stop-job gets a TERM, and may end in its own way', async () => {
    const { submission } = await start({ commands: [OBEYS] });
    await logged(submission, 'ready');
    expect(await at.instance.stopJob(submission, 'graceful', 'by alice@example.com')).toEqual({
      status: 0,
      output: 'stopping',
    });
    const exit = await delivered(submission);
    expect(exit).toMatchObject({
      cause: 'stopped',
      status: 4,
      signal: null,
      message: 'by alice@example.com',
    });
    expect(at.server.log(submission).toString()).toMatch(/^ready\n(Terminated\n)?bye\n$/);
  });

  test('by an answer of the server, too', async () => {
    const { submission } = await start({ heartbeat_seconds: 0.05, commands: [OBEYS] });
    await logged(submission, 'ready');
    at.server.stops.set(submission, { mode: 'graceful', reason: 'a spot interruption' });
    const exit = await delivered(submission);
    expect(exit).toMatchObject({ cause: 'stopped', status: 4, message: 'a spot interruption' });
  });

  test('by the end of the instance, too', async () => {
    const { submission } = await start({ commands: [OBEYS] });
    await logged(submission, 'ready');
    process.kill(at.instance.pid(submission, 'supervisor.pid') ?? 0, 'SIGTERM');
    expect(await delivered(submission)).toMatchObject({
      cause: 'stopped',
      status: 4,
      message: 'the instance shuts down',
    });
  });

  test('gets one TERM, and KILL after stop_duration', async () => {
    const { submission } = await start({ stop_duration: 0.5, commands: [IGNORES] });
    await logged(submission, 'ready');
    await at.instance.stopJob(submission, 'graceful');
    const exit = await delivered(submission);
    expect(exit).toMatchObject({ cause: 'stopped', status: null, signal: 'SIGKILL' });
    expect(at.server.log(submission).toString()).toMatch(/^ready\n(Terminated\n)?ignored\n$/);
  });

  test('without a stop_duration is never killed, until it is aborted', async () => {
    const { submission } = await start({ stop_duration: null, commands: [IGNORES] });
    await logged(submission, 'ready');
    await at.instance.stopJob(submission, 'graceful', 'first');
    await logged(submission, 'ignored');
    expect(at.instance.read(submission, 'exit')).toBeNull();
    await at.instance.stopJob(submission, 'abort', 'second');
    expect(await delivered(submission)).toMatchObject({
      cause: 'stopped',
      signal: 'SIGKILL',
      message: 'first',
    });
  });

  test('by an abort gets KILL at once', async () => {
    const { submission } = await start({ commands: [OBEYS] });
    await logged(submission, 'ready');
    await at.instance.stopJob(submission, 'abort');
    expect(await delivered(submission)).toMatchObject({ cause: 'stopped', status: null, signal: 'SIGKILL' });
    expect(at.server.log(submission).toString()).toBe('ready\n');
  });

  test('by max_duration', async () => {
    const { exit, log } = await run({ max_duration: 0.3, commands: [OBEYS] });
    expect(exit).toMatchObject({ cause: 'max_duration', status: 4, message: 'ran for max_duration, 0.3 s' });
    expect(log).toMatch(/^ready\n(Terminated\n)?bye\n$/);
  });

  test('may finish its work in a child, though the shell died of the TERM', async () => {
    const child = `sh -c 'trap "" TERM; echo ready; until [ -e go ]; do sleep 0.01; done; echo saved'`;
    const { submission } = await start({ commands: [child, 'echo never'] });
    await logged(submission, 'ready');
    await at.instance.stopJob(submission, 'graceful');
    await eventually('the death of the shell', () => at.instance.isDead(submission, 'commands.pid'));
    expect(at.instance.read(submission, 'exit')).toBeNull();
    at.instance.write(submission, 'work/go', '');
    expect(await delivered(submission)).toMatchObject({ cause: 'stopped', status: null, signal: 'SIGTERM' });
    expect(at.server.log(submission).toString()).toBe('ready\nsaved\n');
  });

  test('after its end, or unknown, is answered so', async () => {
    const { submission } = await run({ commands: ['true'] });
    expect(await at.instance.stopJob(submission, 'graceful')).toEqual({ status: 0, output: 'not running' });
    expect(await at.instance.stopJob(newSubmission(), 'abort')).toEqual({ status: 0, output: 'unknown' });
  });
});

describe('children left behind', () => {
  test.each([
    ['in the background', 'sh -c "$STRAY" &'],
    ['under nohup', 'nohup sh -c "$STRAY" >/dev/null 2>&1 &'],
    ['in a session of their own', 'setsid sh -c "$STRAY" &'],
    ['forked twice into a session of their own', '(setsid sh -c "sh -c \\"\\$STRAY\\" &" &)'],
    ['in a group, with a cleared environment', 'env -i PATH="$PATH" sh -c "$STRAY" &'],
  ])('%s do not outlive the job, nor delay its end', async (_, leave) => {
    // Holds the log open, obeys nothing but KILL, and says its pid.
    const STRAY = 'trap "" TERM HUP; echo $$ >stray; while :; do sleep 0.01; done';
    const { submission } = await start({
      env: { STRAY },
      commands: [leave, 'until [ -s stray ]; do sleep 0.01; done', 'echo "stray $(cat stray)"', 'exit 5'],
    });
    const exit = await delivered(submission);
    const message = '`exit 5` (command 4 of 4) exited 5';
    expect(exit).toMatchObject({ cause: 'commands', status: 5, message });
    const stray = Number(/stray (\d+)/.exec(at.server.log(submission).toString())?.[1]);
    expect(stray).toBeGreaterThan(1);
    expect(isAlive(stray)).toBe(false);
  });

  test('that fork faster than one can look are all killed', async () => {
    const commands = [
      'i=0; while [ $i -lt 60 ]; do setsid sh -c "while :; do sleep 0.1; done" & i=$((i+1)); done',
    ];
    const { submission } = await run({ commands });
    expect(processes().filter((pid) => environment(pid).includes(submission))).toEqual([]);
  });
});
