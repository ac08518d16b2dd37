import { afterEach, describe, expect, test } from 'vitest';
import { needing } from '../../../needs.ts';
import { commandLine, processes } from '../processes.ts';
import { world } from '../world.ts';
import { containerOf, containersOf, docker, removeContainersOf, testImage } from './engine.ts';

const FOREVER = 'while :; do sleep 0.05; done';
const OBEYS = `trap "echo bye; exit 4" TERM; echo ready; ${FOREVER}`;
const IGNORES = `trap "echo ignored" TERM; echo ready; ${FOREVER}`;

describe('a job in a container told to stop', needing('engine', 'busybox'), () => {
  const at = world();
  const image = testImage();
  afterEach(() => removeContainersOf(at.instance.home));

  test.each([null, 'worker'])('gets a TERM inside, and may end in its own way (user %s)', async (user) => {
    const { submission } = await at.start({ user, commands: [OBEYS], container: containerOf(image.name) });
    await at.logged(submission, 'ready');
    await at.instance.stopJob(submission, 'graceful', 'by alice');
    const exit = await at.delivered(submission);
    expect(exit).toMatchObject({ cause: 'stopped', status: 4, signal: null, message: 'by alice' });
    expect(at.server.log(submission).toString()).toMatch(/^ready\n(Terminated\n)?bye\n$/);
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('is killed after stop_duration if it ignores that, one TERM and no more', async () => {
    const { submission } = await at.start({
      stop_duration: 1,
      commands: [IGNORES],
      container: containerOf(image.name),
    });
    await at.logged(submission, 'ready');
    await at.instance.stopJob(submission, 'graceful');
    expect(await at.delivered(submission)).toMatchObject({
      cause: 'stopped',
      status: null,
      signal: 'SIGKILL',
    });
    expect(at.server.log(submission).toString()).toMatch(/^ready\n(Terminated\n)?ignored\n$/);
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('by an abort leaves nothing, and nothing of the client either', async () => {
    const stray = `setsid sh -c 'trap "" TERM HUP; ${FOREVER}' &`;
    const { submission } = await at.start({
      commands: [stray, OBEYS],
      container: containerOf(image.name),
    });
    await at.logged(submission, 'ready');
    await at.instance.stopJob(submission, 'abort');
    expect(await at.delivered(submission)).toMatchObject({ cause: 'stopped', signal: 'SIGKILL' });
    await at.instance.supervisorGone(submission);
    expect(await containersOf(at.instance.home)).toEqual([]);
    expect(
      processes()
        .map(commandLine)
        .filter((line) => line.includes(submission)),
    ).toEqual([]);
  });

  test('while it is set up ends at once, and the container with it', async () => {
    const { submission } = await at.start({
      commands: ['echo never'],
      container: containerOf(image.name, { setup_script: `echo preparing; ${FOREVER}` }),
    });
    await at.logged(submission, 'preparing');
    await at.instance.stopJob(submission, 'graceful', 'changed my mind');
    expect(await at.delivered(submission)).toMatchObject({
      cause: 'stopped',
      status: null,
      message: 'changed my mind',
    });
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('leaves a container that is not its own running, and in it nothing of the job', async () => {
    const container = containerOf(image.name, { lifetime: 'persistent', name: 'kept' });
    const stray = `setsid sh -c 'trap "" TERM HUP; ${FOREVER}' &`;
    const { submission } = await at.start({ commands: [stray, OBEYS], container });
    await at.logged(submission, 'ready');
    await at.instance.stopJob(submission, 'abort');
    expect(await at.delivered(submission)).toMatchObject({ cause: 'stopped', signal: 'SIGKILL' });
    const [kept = ''] = await containersOf(at.instance.home);
    expect(kept).toMatch(/^[0-9a-f]{8}-kept$/);
    const inside = await docker('exec', kept, 'ps', '-o', 'args');
    expect(inside).not.toContain('sleep 0.05');
    expect(await docker('exec', kept, 'ls', '-A', '/')).not.toContain(submission);
  });
});
