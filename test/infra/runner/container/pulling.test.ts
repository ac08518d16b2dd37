import * as fs from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { commandLine, processes } from '../processes.ts';
import { world } from '../world.ts';
import { containerOf } from './engine.ts';
import { standIns } from './stand-in.ts';

// No engine: an image that takes for ever, and a disk that is full, are easier to be had of a stand-in.
const engine = standIns({
  docker: `case "$*" in
  inspect*) echo "Error: No such object" >&2; exit 1;;
  rm*) exit 0;;
  pull*full*) echo "failed to register layer: write /usr/lib/x: no space left on device" >&2; exit 1;;
  pull*) for layer in a b c; do echo "\${layer}00000000000: Pulling fs layer"; done; echo "a00000000000: Pull complete"; exec sleep 1000;;
  *) exit 1;;
  esac`,
});
afterAll(() => fs.rmSync(engine.folder, { recursive: true }));
const at = world('sh', { path: engine.path });

describe('a pull', () => {
  test('does not hold start-job up, tells how far it is, and heartbeats go on', async () => {
    const { submission, answer } = await at.start({
      heartbeat_seconds: 0.05,
      container: containerOf('slow:1'),
    });
    expect(answer).toEqual({ status: 0, output: 'started' });
    const reports = () => at.server.reports(submission);
    await eventually(
      'two heartbeats',
      () => reports().filter((one) => Object.keys(one).length === 1).length > 1,
    );
    const [state] = await at.instance.probe();
    expect(state).toMatchObject({ submission, state: 'running', started: null, exit: null });
    await at.instance.stopJob(submission, 'graceful', 'no more');
    expect(await at.delivered(submission)).toMatchObject({
      cause: 'stopped',
      status: null,
      message: 'no more',
    });
    const stages = reports().flatMap(({ stage }) => (stage ? [stage] : []));
    expect(stages.at(-1)).toMatchObject({ name: 'pulling', message: 'slow:1: 1 of 3 layers' });
    await at.instance.supervisorGone(submission);
    expect(
      processes()
        .map(commandLine)
        .filter((line) => line.includes('pull slow:1')),
    ).toEqual([]);
  });

  test('has a deadline of its own', async () => {
    const { exit } = await at.run({ container: containerOf('slow:1', { pull_timeout: 1 }) });
    expect(exit).toMatchObject({
      cause: 'setup',
      status: null,
      message: 'image: slow:1 was not pulled within 1 s',
    });
  });

  test('onto a full disk says so', async () => {
    const { exit } = await at.run({ container: containerOf('full:1') });
    expect(exit).toMatchObject({
      cause: 'setup',
      message:
        'image: full:1 could not be pulled: failed to register layer: write /usr/lib/x: no space left on device; ask for more under `resources.disk`',
    });
  });

  test('is not tried where no engine is installed', async () => {
    const { exit } = await at.run({ container: containerOf('slow:1', { runtime: 'enroot' }) });
    expect(exit.message).toMatch(/^enroot is not on the PATH of the agent of this instance/);
  });
});
