import type { InstanceId } from '../kernel/ids.ts';
import type { Best, Left } from './left.ts';
import type { Missing } from './make-room.ts';
import type { Asked, Lack, Placing, Waits } from './placing.ts';
import type { Pooled, Waiting } from './schedule.ts';
import type { Stock } from './stock.ts';

export interface Placed {
  readonly member: Waiting;
  readonly verdict: Extract<Best, { kind: 'place' | 'launch' }>;
}

export type GangVerdict =
  | { readonly kind: 'all'; readonly placed: readonly Placed[]; readonly left: Left }
  | {
      readonly kind: 'wait';
      readonly verdict: Waits;
      /** What each that is missing lacks. */
      readonly lacks: readonly Missing[];
      /** Idle instances that some of them would take: they are not to make room for the others. */
      readonly spared: readonly InstanceId[];
    }
  | { readonly kind: 'hopeless'; readonly why: Lack; readonly message: string };

export interface GangTurn {
  readonly members: readonly { readonly member: Waiting; readonly asked: Asked }[];
  /** Of the run, those that have their places already included. */
  readonly nodes: number;
  /** Where those are that have a place; null: anywhere. */
  readonly zone: string | null;
  readonly pool: readonly Pooled[];
  readonly left: Left;
  readonly most: number;
}

/** How the pass serves one job, and what that leaves. */
export interface Serving {
  readonly stock: (zone: string) => Stock;
  readonly best: (stock: Stock, one: Waiting, asked: Asked, pool: readonly Pooled[], left: Left) => Best;
  readonly after: (left: Left, verdict: Best) => Left;
}

/** All of them in one zone, where they cost least together, or none. */
export function placeGang(place: Placing, turn: GangTurn, serving: Serving): GangVerdict {
  const trials = zonesFor(place, turn).map((zone) => inZone(zone, turn, serving));
  const whole = trials.filter(({ short }) => short.length === 0).sort(cheapestFirst)[0];
  if (whole) return { kind: 'all', placed: whole.placed, left: whole.left };
  const fullest = trials.sort((a, b) => b.placed.length - a.placed.length || cheapestFirst(a, b));
  for (const trial of fullest) {
    const waits = trial.short.find((verdict): verdict is Waits => verdict.kind === 'wait');
    if (waits && trial.short.every(({ kind }) => kind === 'wait')) return waiting(turn, trial, waits);
  }
  const [first] = fullest;
  const lack = first?.short.find((verdict) => verdict.kind === 'hopeless');
  const why = fullest.some(({ short }) =>
    short.some((one) => one.kind === 'hopeless' && one.why === 'no_capacity'),
  );
  return {
    kind: 'hopeless',
    why: why ? 'no_capacity' : 'never_fits',
    message:
      first === undefined
        ? `no zone has what fits all ${turn.nodes} nodes`
        : `${have(turn, first)} of ${turn.nodes} nodes would fit in ${first.zone}, and not all in any zone: ${lack?.message}`,
  };
}

interface Trial {
  readonly zone: string;
  readonly placed: readonly Placed[];
  readonly short: readonly Extract<Best, { kind: 'wait' | 'hopeless' }>[];
  readonly price: number;
  readonly left: Left;
}

const cheapestFirst = (a: Trial, b: Trial): number => a.price - b.price || (a.zone < b.zone ? -1 : 1);

function zonesFor(place: Placing, { zone, members, pool }: GangTurn): string[] {
  if (zone !== null) return [zone];
  const each = members.map(
    ({ asked }) =>
      new Set([
        ...place.zones(asked),
        ...pool.filter((one) => place.fits(asked, one)).map(({ state }) => state.offer.zone),
      ]),
  );
  return [...(each[0] ?? [])].filter((one) => each.every((zones) => zones.has(one))).sort();
}

function inZone(zone: string, turn: GangTurn, { stock, best, after }: Serving): Trial {
  const whole = stock(zone);
  const pool = new Map<string, Pooled>(turn.pool.map((one) => [one.id, one]));
  const placed: Placed[] = [];
  const short: Trial['short'][number][] = [];
  // More than may be launched at once can only go when nothing else is.
  const alone = turn.left.launches === turn.most;
  let left = alone ? { ...turn.left, launches: Math.max(turn.most, turn.members.length) } : turn.left;
  let price = 0;
  for (const { member, asked } of turn.members) {
    const there = { ...asked, requirements: { ...asked.requirements, availability_zones: [zone] } };
    const verdict = best(whole, member, there, [...pool.values()], left);
    if (verdict.kind === 'wait' || verdict.kind === 'hopeless') {
      short.push(verdict);
      continue;
    }
    left = after(left, verdict);
    placed.push({ member, verdict });
    price += verdict.offer.price;
    if (verdict.kind === 'launch') continue;
    whole.take(verdict);
    if ('instance' in verdict.on) pool.delete(verdict.on.instance);
  }
  return { zone, placed, short, price, left };
}

const have = ({ nodes, members }: GangTurn, { placed }: Trial): number =>
  nodes - members.length + placed.length;

function waiting(turn: GangTurn, trial: Trial, { wait, until }: Waits): GangVerdict {
  const message = `${have(turn, trial)} of ${turn.nodes} nodes would fit in ${trial.zone}; waits for all: ${wait.message}`;
  return {
    kind: 'wait',
    verdict: { kind: 'wait', wait: { kind: wait.kind, message }, until, lacks: null },
    lacks: trial.short.flatMap((one) => (one.kind === 'wait' && one.lacks ? [one.lacks] : [])),
    spared: trial.placed.flatMap(({ verdict }) =>
      verdict.kind === 'place' && 'instance' in verdict.on ? [verdict.on.instance] : [],
    ),
  };
}
