import { afterEach, describe, expect, test } from 'vitest';
import type { GangOrder } from '../../../../infra/runner/contract.ts';
import { engineName } from '../../../../infra/runner/supervisor/container/engine-name.ts';
import { needing } from '../../../needs.ts';
import { eventually } from '../eventually.ts';
import { newSubmission, startInstance } from '../instance.ts';
import { world } from '../world.ts';
import { containerOf, containersOf, docker, removeContainersOf, testImage } from './engine.ts';

describe('a node of a gang, in a container', needing('engine', 'busybox'), () => {
  const at = world();
  const image = testImage();
  afterEach(() => removeContainersOf(at.instance.home));

  async function startNode(prepare: GangOrder) {
    const submission = newSubmission();
    let go: GangOrder = { order: 'wait' };
    at.server.orders.set(submission, (report) => (report.arrived ? prepare : report.prepared ? go : null));
    const container = containerOf(image.name, { lifetime: 'persistent', name: 'kept' });
    const bundle = {
      submission,
      commands: ['echo ran; cat $DSTACK_MPI_HOSTFILE'],
      container,
      gang: { rank: 1, size: 2 },
    };
    await at.instance.startJob(submission, at.server.bundleUrl(bundle));
    const begin = () => {
      go = { order: 'go', nodes: ['10.0.0.1', '10.0.0.2'] };
    };
    return { submission, begin };
  }
  const reportsOf = (submission: string) => at.server.reports(submission);

  test('says what it found, and touches nothing when it is stopped', async () => {
    const name = engineName({ name: 'kept' }, '', at.instance.home);
    await docker(
      'run',
      '-d',
      '--network=none',
      `--name=${name}`,
      `--label=sortie.home=${at.instance.home}`,
      image.name,
      'sleep',
      '3600',
    );
    const { submission } = await startNode({ order: 'wait' });
    const arrived = await eventually('its arrival', () => reportsOf(submission)[0]?.arrived);
    expect(arrived.sighting).toMatchObject({ state: 'running', image_id: expect.stringMatching(/^sha256:/) });
    at.server.stops.set(submission, { mode: 'graceful', reason: 'runs on some' });
    expect(await at.delivered(submission)).toMatchObject({
      cause: 'stopped',
      message: 'runs on some',
    });
    expect(await containersOf(at.instance.home)).toEqual([name]);
  });

  test('launches when it is told to, says that it is up, and begins with the others', async () => {
    const nodes = ['10.0.0.1', '10.0.0.2'];
    const { submission, begin } = await startNode({ order: 'prepare', container: 'launch', nodes });
    await eventually('that it is prepared', () => reportsOf(submission).some(({ prepared }) => prepared));
    const parts = reportsOf(submission).flatMap((report) => Object.keys(report).slice(1));
    expect(parts.slice(0, 4)).toEqual(['arrived', 'stage', 'container', 'prepared']);
    expect(parts).not.toContain('started');
    begin();
    expect(await at.delivered(submission)).toMatchObject({ cause: 'commands', status: 0 });
    expect(at.server.log(submission).toString()).toBe('ran\n10.0.0.1\n10.0.0.2\n');
  });

  test.each(['per_run', 'persistent'] as const)(
    'stopped before all are prepared leaves nothing of what it made (%s)',
    async (lifetime) => {
      const submission = newSubmission();
      const nodes = ['10.0.0.1', '10.0.0.2'];
      at.server.orders.set(submission, (report) =>
        report.arrived ? { order: 'prepare', container: 'launch', nodes } : { order: 'wait' },
      );
      const bundle = {
        submission,
        commands: ['true'],
        container: containerOf(image.name, { lifetime, name: 'kept' }),
        gang: { rank: 0, size: 2 },
      };
      await at.instance.startJob(submission, at.server.bundleUrl(bundle));
      await eventually('that it is prepared', () => reportsOf(submission).some(({ prepared }) => prepared));
      at.server.stops.set(submission, { mode: 'graceful', reason: 'another failed' });
      expect(await at.delivered(submission)).toMatchObject({ cause: 'stopped', status: null });
      expect(await containersOf(at.instance.home)).toEqual([]);
    },
  );

  test('shares the engine with another home, where its container has the same name', async () => {
    const other = await startInstance();
    const container = containerOf(image.name, { name: 'mine' });
    const commands = ['echo here; while :; do sleep 0.05; done'];
    const jobs = [await at.start({ commands, container }), await at.start({ commands, container }, other)];
    for (const { submission } of jobs) await at.logged(submission, 'here');
    expect(await containersOf(at.instance.home)).toHaveLength(1);
    expect(await containersOf(other.home)).toHaveLength(1);
    await at.instance.stopJob(jobs[0]?.submission ?? '', 'abort');
    await at.delivered(jobs[0]?.submission ?? '');
    expect(await containersOf(at.instance.home)).toEqual([]);
    expect(await containersOf(other.home)).toHaveLength(1);
    await other.stopJob(jobs[1]?.submission ?? '', 'abort');
    await at.delivered(jobs[1]?.submission ?? '');
    expect(await containersOf(other.home)).toEqual([]);
    other.remove();
  });
});
