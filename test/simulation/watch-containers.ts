import type { Lifetime } from '../../domain/container/sighting.ts';
import { partsOf, SubmissionId } from '../../domain/kernel/ids.ts';
import type { RunState } from '../../domain/run/state.ts';
import type { ContainerNews } from './engines.ts';
import type { Scene } from './scene.ts';
import type { Invariant } from './watch.ts';

/** Whether what is to be kept is kept, and comes about on all nodes of a run or on none. */
export function watchContainers(
  { store }: Pick<Scene, 'store'>,
  violated: (invariant: Invariant, what: string) => void,
): ContainerNews {
  const runOf = (submission: string) =>
    store.heads.get(`Run-${partsOf(SubmissionId.parse(submission)).run}`)?.state as RunState | undefined;
  /** By what its user wrote, whatever its runner was told. */
  const lifetimeOf = (submission: string): Lifetime | undefined =>
    runOf(submission)?.configuration.container?.lifetime;
  return {
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
      of?.lifetime === 'per_run' || (of !== null && name.endsWith(`-${of.submission}`))
        ? [`container ${name} on ${machine.ec2}`]
        : [],
    ),
  ]);
}
