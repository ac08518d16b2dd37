import { type FleetName, type JobId, type RunId, runOf } from '../kernel/ids.ts';
import type { Decision } from './decision.ts';
import type { Planner } from './planner.ts';
import { schedule } from './schedule.ts';
import type { Snapshot, Waiting } from './snapshot.ts';

/** A run that a pass has no place for, and that names other fleets. */
export interface Stranded {
  readonly run: RunId;
  readonly jobs: readonly Waiting[];
  readonly others: readonly FleetName[];
  /** `in_vain`: it would not even have to wait here. */
  readonly here: 'waits' | 'in_vain';
  readonly message: string;
}

type Left = Extract<Decision, { kind: 'wait' | 'hopeless' }>;

/** `rang`: whoever waits for the reason he waited for before is looked at once a minute, not at each pass. */
export function strandedBy(
  decisions: readonly Decision[],
  waiting: ReadonlyMap<JobId, Waiting & { readonly rang: boolean }>,
): Stranded[] {
  const left = decisions.filter((one): one is Left => one.kind === 'wait' || one.kind === 'hopeless');
  return [...Map.groupBy(left, ({ job }) => runOf(job))].flatMap(([run, own]): Stranded[] => {
    const jobs = own.flatMap(({ job }) => waiting.get(job) ?? []);
    const [first, verdict] = [jobs[0]?.state, own.find(({ kind }) => kind === 'hopeless') ?? own[0]];
    const others = first?.fleets.filter((name) => name !== first.fleet) ?? [];
    if (verdict === undefined || others.length === 0) return [];
    if (verdict.kind === 'hopeless')
      return [{ run, jobs, others, here: 'in_vain', message: verdict.message }];
    const { kind, message } = verdict.wait;
    // A throttle is the account's: it is over sooner than another fleet could do anything about it.
    const news = jobs.some(
      ({ rang, state: { phase } }) => rang || (phase.kind === 'waiting' && phase.wait?.message !== message),
    );
    return news && kind !== 'throttled' ? [{ run, jobs, others, here: 'waits', message }] : [];
  });
}

/** What a fleet has for a run: places, some of them to be launched at that price in $/h; a place in its queue; or nothing. */
export type Outlook =
  | { readonly kind: 'place'; readonly launches: number; readonly price: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'nothing' };

/** What a fleet's own pass would do with these, beside those who wait there. */
export function outlooksIn(
  fleet: FleetName,
  there: Snapshot,
  stranded: readonly Stranded[],
  planner: Planner,
): ReadonlyMap<RunId, Outlook> {
  const guests = stranded.flatMap(({ jobs }) =>
    jobs.map(({ id, state }): Waiting => ({ id, state: { ...state, fleet } })),
  );
  const expected = new Set(guests.map(({ id }) => id));
  const queue = [...there.queue.filter(({ id }) => !expected.has(id)), ...guests];
  const decisions = schedule({ ...there, queue }, planner);
  return new Map(
    stranded.map(({ run, jobs }) => [
      run,
      outlookOf(
        decisions.filter((one) => 'job' in one && runOf(one.job) === run),
        jobs.length,
      ),
    ]),
  );
}

function outlookOf(own: readonly Decision[], jobs: number): Outlook {
  if (own.some(({ kind }) => kind === 'hopeless')) return { kind: 'nothing' };
  if (own.length < jobs || own.some(({ kind }) => kind === 'wait')) return { kind: 'wait' };
  const launched = own.flatMap((one) => (one.kind === 'launch' ? [one.offer.price] : []));
  return {
    kind: 'place',
    launches: launched.length,
    price: launched.reduce((sum, price) => sum + price, 0),
  };
}

/** Where it goes: to what stands idle rather than to a launch, to the cheaper of two launches; to a queue only where there is no hope here. */
export function bestElsewhere(
  { run, others, here }: Stranded,
  outlooks: ReadonlyMap<FleetName, ReadonlyMap<RunId, Outlook>>,
): FleetName | undefined {
  const known = others.flatMap((fleet) => {
    const outlook = outlooks.get(fleet)?.get(run);
    return outlook ? [{ fleet, outlook }] : [];
  });
  const places = known.flatMap(({ fleet, outlook }) =>
    outlook.kind === 'place' ? [{ fleet, ...outlook }] : [],
  );
  const [best] = places.sort((a, b) => a.launches - b.launches || a.price - b.price);
  if (best !== undefined || here === 'waits') return best?.fleet;
  return known.find(({ outlook }) => outlook.kind === 'wait')?.fleet;
}
