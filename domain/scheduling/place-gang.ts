import type { InstanceId } from '../kernel/ids.ts';
import type { Gang } from './gang.ts';
import { type NodeVerdict, type There, type Trial, trialIn } from './gang-trial.ts';
import type { Planner } from './planner.ts';
import type { Turn } from './turn.ts';
import { type Hopeless, hopeless, type Waits } from './verdict.ts';

export type GangVerdict =
  | { readonly kind: 'all'; readonly each: readonly NodeVerdict[] }
  | {
      readonly kind: 'wait';
      readonly for: Waits['wait']['kind'];
      readonly message: string;
      readonly each: readonly NodeVerdict[];
      /** Idle instances that some of them would take: they are not to make room for the others. */
      readonly spared: readonly InstanceId[];
    }
  | Hopeless;

/** All of them in one zone, where they cost least together, or none. */
export function placeGang(planner: Planner, gang: Gang, turn: Turn, there: There): GangVerdict {
  const trials = zonesFor(planner, gang, there).map((zone) => trialIn(zone, planner, gang, turn, there));
  const whole = trials.filter(({ short }) => short.length === 0).sort(cheapestFirst)[0];
  if (whole) return { kind: 'all', each: whole.placed };
  const fullest = trials.sort((a, b) => b.placed.length - a.placed.length || cheapestFirst(a, b));
  for (const trial of fullest) {
    const [first] = trial.short.flatMap(({ verdict }) => (verdict.kind === 'wait' ? [verdict] : []));
    if (first && trial.short.every(({ verdict }) => verdict.kind === 'wait'))
      return allWait(gang, trial, first);
  }
  return fitsNowhere(gang, fullest);
}

const cheapestFirst = (a: Trial, b: Trial): number => a.price - b.price || (a.zone < b.zone ? -1 : 1);

function zonesFor(planner: Planner, { zone, members }: Gang, { pool }: There): string[] {
  if (zone !== null) return [zone];
  const each = members.map(
    ({ asked }) =>
      new Set([
        ...planner.zones(asked),
        ...pool.filter((one) => planner.fits(asked, one)).map(({ state }) => state.offer.zone),
      ]),
  );
  return [...(each[0] ?? [])].filter((one) => each.every((zones) => zones.has(one))).sort();
}

/** For the same: what is missing, though, those lack alone that are short of it. */
function allWait(gang: Gang, trial: Trial, { wait, until }: Waits): GangVerdict {
  const { nodes, members } = gang;
  const message = `${have(gang, trial)} of ${nodes} nodes would fit in ${trial.zone}; waits for all: ${wait.message}`;
  const lacks = new Map(
    trial.short.map(({ member, verdict }) => [member, verdict.kind === 'wait' ? verdict.lacks : null]),
  );
  return {
    kind: 'wait',
    ...{ for: wait.kind, message },
    each: members.map(({ member }) => ({
      member,
      verdict: { kind: 'wait', wait: { kind: wait.kind, message }, until, lacks: lacks.get(member) ?? null },
    })),
    spared: trial.placed.flatMap(({ verdict }) =>
      verdict.kind === 'place' && 'instance' in verdict.on ? [verdict.on.instance] : [],
    ),
  };
}

function fitsNowhere(gang: Gang, trials: readonly Trial[]): Hopeless {
  const [first] = trials;
  if (first === undefined) return hopeless('never_fits', `no zone has what fits all ${gang.nodes} nodes`);
  const lacking = trials.flatMap(({ short }) =>
    short.flatMap(({ verdict }) => (verdict.kind === 'hopeless' ? [verdict] : [])),
  );
  return hopeless(
    lacking.some(({ why }) => why === 'no_capacity') ? 'no_capacity' : 'never_fits',
    `${have(gang, first)} of ${gang.nodes} nodes would fit in ${first.zone}, and not all in any zone: ${lacking[0]?.message}`,
  );
}

const have = ({ nodes, members }: Gang, { placed }: Trial): number => nodes - members.length + placed.length;
