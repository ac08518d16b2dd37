import { verdictOn } from '../container/verdict.ts';
import type { RunEvent } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import type { GangOrder } from './order.ts';
import type { Arrival } from './state.ts';
import { MASTER } from './terms.ts';
import { nodeName } from './words.ts';

// The nodes of a run meet before anybody touches anything. What each says it says again until it has its answer.

/** A node is there. The last one's arrival decides for all, in the same append. */
export function arrive(run: RunState, arrival: Arrival): RunEvent[] {
  const { gang, jobs } = run;
  if (gang?.phase.kind !== 'gathering' || run.phase.kind !== 'active') return [];
  const { index, submission } = arrival;
  if (jobs[index]?.submission !== submission || gang.arrivals.some((one) => one.index === index)) return [];
  const arrivals = [...gang.arrivals, arrival].sort((a, b) => a.index - b.index);
  const arrived: RunEvent = { type: 'NodeArrived', ...arrival };
  return arrivals.length === jobs.length ? [arrived, met(run, arrivals)] : [arrived];
}

function met({ configuration: { container }, name }: RunState, arrivals: readonly Arrival[]): RunEvent {
  if (container === null) return { type: 'GangMet', order: null, warnings: [] };
  const seen = arrivals.map(({ index, ec2, sighting }) => ({
    node: nodeName(index, ec2),
    sighting: sighting ?? { state: 'unknown' as const, why: 'its runner did not say' },
  }));
  const verdict = verdictOn({ ...container, name: container.name ?? name }, seen);
  switch (verdict.kind) {
    case 'attach':
      return { type: 'GangMet', order: 'attach', warnings: [...verdict.warnings] };
    case 'launch':
      return { type: 'GangMet', order: 'launch', warnings: [] };
    case 'refuse':
      return { type: 'GangRefused', message: verdict.message };
  }
}

/** A node's container is up and set up. */
export function prepare({ gang, jobs }: RunState, index: number, submission: number): RunEvent[] {
  if (gang?.phase.kind !== 'preparing' || gang.phase.prepared.includes(index)) return [];
  return jobs[index]?.submission === submission ? [{ type: 'NodePrepared', index, submission }] : [];
}

/** From the state alone, so that who asks again is told the same. Whom it no longer concerns, waits for its stop. */
export function orderFor(
  { gang, jobs, configuration }: RunState,
  index: number,
  submission: number,
): GangOrder {
  const wait = { order: 'wait' } as const;
  if (gang === null || jobs[index]?.submission !== submission) return wait;
  const nodes = gang.arrivals.toSorted((a, b) => a.index - b.index).map(({ address }) => address);
  switch (gang.phase.kind) {
    case 'preparing':
      return gang.phase.prepared.includes(index)
        ? wait
        : { order: 'prepare', container: gang.phase.order, nodes };
    case 'going':
      return mayBegin(index, configuration.startup_order, jobs) ? { order: 'go', nodes } : wait;
    case 'gathering':
    case 'parting':
    case 'giving_back':
      return wait;
  }
}

function mayBegin(
  index: number,
  order: RunState['configuration']['startup_order'],
  jobs: RunState['jobs'],
): boolean {
  const begun = (one: number): boolean =>
    !['submitted', 'provisioning', 'pulling'].includes(jobs[one]?.status ?? 'submitted');
  switch (order) {
    case 'any':
      return true;
    case 'master-first':
      return index === MASTER || begun(MASTER);
    case 'workers-first':
      return index !== MASTER || jobs.every((one) => one.index === MASTER || begun(one.index));
  }
}

/** Whether a job may take an instance in this zone: those of its run that have one are all in it. */
export function mayJoin({ gang, jobs }: RunState, index: number, zone: string): boolean {
  if (gang === null) return true;
  const others = jobs.filter((job) => job.index !== index && job.status !== 'submitted');
  return gang.phase.kind === 'gathering' && others.every(({ offer }) => offer?.zone === zone);
}
