import { moveToFleet } from '../../domain/coordination/move-to-fleet.ts';
import type { FleetName, JobId, RunId } from '../../domain/kernel/ids.ts';
import type { RunState } from '../../domain/run/state.ts';
import type { Decision } from '../../domain/scheduling/decision.ts';
import { bestElsewhere, outlooksIn, strandedBy } from '../../domain/scheduling/elsewhere.ts';
import type { Planner } from '../../domain/scheduling/planner.ts';
import type { Waiting } from '../../domain/scheduling/snapshot.ts';
import { withGangs } from './gangs-of.ts';
import { lookAtFleet, upToDate } from './look-at-fleet.ts';
import type { Reactive } from './ports.ts';
import { type Step, visitStep } from './step.ts';

interface Pass {
  readonly waiting: ReadonlyMap<JobId, Waiting & { readonly rang: boolean }>;
  readonly runs: ReadonlyMap<RunId, RunState>;
  readonly planner: Planner;
}

interface Gone {
  readonly runs: ReadonlySet<RunId>;
  readonly steps: readonly Step[];
}

/**
 * Runs that this pass has no place for go to another fleet that they name, where its own pass would place them. Two full fleets
 * do not hand a run to and fro: it goes for a place, or where there is no hope for it here.
 */
export async function goElsewhere(
  on: Reactive,
  fleet: FleetName,
  decisions: readonly Decision[],
  { waiting, runs, planner }: Pass,
): Promise<Gone> {
  const stranded = strandedBy(decisions, waiting);
  const names = [...new Set(stranded.flatMap(({ others }) => others))];
  const outlooks = new Map(
    await Promise.all(
      names.map(async (name) => {
        const { snapshot, jobs } = await lookAtFleet(on, name);
        const there = await withGangs(on, upToDate(jobs, []));
        const guests = stranded.filter(({ others }) => others.includes(name));
        const both = { queue: there.queue, runs: new Map([...runs, ...there.runs]) };
        return [name, outlooksIn(name, { ...snapshot, ...both }, guests, planner)] as const;
      }),
    ),
  );
  const gone = new Set<RunId>();
  const steps: Step[] = [];
  for (const one of stranded) {
    const to = bestElsewhere(one, outlooks);
    if (to === undefined) continue;
    const provenance = { by: on.by, causation: `place ${fleet}`, correlation: one.run };
    const message = `in fleet ${fleet}, ${one.message}`;
    try {
      if ((await moveToFleet(on, provenance, one.run, { from: fleet, to, message })) === 'stays') continue;
    } catch (error) {
      steps.push({ kind: 'failed', stream: { name: 'Run', id: one.run }, error });
      continue;
    }
    gone.add(one.run);
    steps.push(...one.jobs.map(({ id }) => visitStep('Job', id)));
  }
  return { runs: gone, steps };
}
