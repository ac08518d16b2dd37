import type { Lifetime } from '../../domain/container/sighting.ts';
import type { Claim, InstanceEvent } from '../../domain/instance/events.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { partsOf, SubmissionId } from '../../domain/kernel/ids.ts';
import type { Commit } from '../../domain/kernel/stream.ts';
import type { RunState } from '../../domain/run/state.ts';
import type { Container, ContainerNews } from './engines.ts';
import type { Scene } from './scene.ts';
import type { Invariant } from './watch.ts';

export interface ContainerWatch extends ContainerNews {
  heed(commit: Commit): void;
}

/** Whether what is to be kept is kept, and comes about on all nodes of a run or on none. */
export function watchContainers(
  scene: Pick<Scene, 'store' | 'world' | 'engines' | 'harmsOf'>,
  violated: (invariant: Invariant, what: string) => void,
): ContainerWatch {
  const { store } = scene;
  const runOf = (submission: string) =>
    store.heads.get(`Run-${partsOf(SubmissionId.parse(submission)).run}`)?.state as RunState | undefined;
  /** By what its user wrote, whatever its runner was told. */
  const lifetimeOf = (submission: string): Lifetime | undefined =>
    runOf(submission)?.configuration.container?.lifetime;
  /**
   * The next job may have its place: nothing of its own is there any more, unless its runner died. None comes to an
   * instance that is drained, as one is that others share with a job that is aborted.
   */
  const released = (instance: string, { job, submission }: Claim) => {
    const state = store.heads.get(`Instance-${instance}`)?.state as InstanceState | undefined;
    if (state?.withheld?.behavior === 'drain') return;
    const machine = [...scene.world.machines.values()].find(({ intent }) => intent.instance === instance);
    if (machine?.state !== 'running' || scene.harmsOf(machine).size > 0) return;
    for (const [name, { of }] of scene.engines.on(machine))
      if (of?.submission === `${job}-${submission}` && isItsOwn(name, of))
        violated(
          'left on a machine',
          `container ${name} of ${of.submission}, which is over, on ${machine.ec2}`,
        );
  };
  return {
    heed({ stream, events }) {
      if (stream.name !== 'Instance') return;
      for (const event of events as InstanceEvent[])
        if (event.type === 'InstanceReleased') released(stream.id, event.claim);
    },
    removed({ ec2, submissions }, name, { of }, by) {
      const what = `${name} on ${ec2} by ${by}`;
      const unfinished = of !== null && name.endsWith(`-${of.submission}`);
      if (of !== null && lifetimeOf(of.submission) === 'persistent' && !unfinished)
        violated('persistent container removed', what);
      if (of?.submission === by) return;
      if (lifetimeOf(by) !== 'per_run') violated('container of another removed', what);
      if (of !== null && submissions.get(of.submission)?.state === 'running')
        violated('container of another removed', `${what}, and ${of.submission} still runs`);
    },
    named({ ec2 }, name, by) {
      const run = runOf(by);
      if (!run?.gang) return;
      const said = store.commits.flatMap(({ stream, events }) =>
        stream.name === 'Run' && stream.id === run.id ? events.map(({ type }) => type) : [],
      );
      const prepared = said.slice(said.lastIndexOf('GangMet')).filter((type) => type === 'NodePrepared');
      if (prepared.length < run.jobs.length)
        violated(
          'container kept on some nodes',
          `${name} on ${ec2} by ${by}: ${prepared.length} nodes are prepared`,
        );
    },
  };
}

/** Its job's alone: not to be kept, or not yet. */
const isItsOwn = (name: string, { lifetime, submission }: NonNullable<Container['of']>): boolean =>
  lifetime === 'per_run' || name.endsWith(`-${submission}`);

/** What runs or stays on machines although it should be over, once nothing is left to wait for. */
export function leftOnMachines({ world, engines }: Pick<Scene, 'world' | 'engines'>): string[] {
  const running = [...world.machines.values()].filter(({ state }) => state === 'running');
  return running.flatMap((machine) => [
    ...[...machine.submissions].flatMap(([submission, { state, started_at }]) =>
      state === 'running'
        ? [`${submission} ${started_at === null ? 'waits for others' : 'runs'} on ${machine.ec2}`]
        : [],
    ),
    ...[...engines.on(machine)].flatMap(([name, { of }]) =>
      of !== null && isItsOwn(name, of) ? [`container ${name} on ${machine.ec2}`] : [],
    ),
  ]);
}
