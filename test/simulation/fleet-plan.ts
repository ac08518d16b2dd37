import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { randomFor, randomOf } from './random.ts';

/** What users and operators do to fleets and instances, each at a moment of its own. */
export type Deed =
  /** Creates it or changes it. */
  | { readonly kind: 'apply'; readonly fleet: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'delete'; readonly fleet: string }
  /** Resumed after `lasts`. */
  | {
      readonly kind: 'close';
      readonly fleet: string;
      readonly by: 'pause' | 'drain' | 'terminate-all';
      readonly lasts: number;
    }
  /** `pick` of all instances on record then: from 0 to 1. After `lasts` it may run again, unless it is gone; `null`: never. */
  | {
      readonly kind: 'withhold';
      readonly by: 'hold' | 'drain';
      readonly pick: number;
      readonly lasts: number | null;
    }
  | { readonly kind: 'kill'; readonly pick: number }
  /** All dead letters, twice at once. */
  | { readonly kind: 'redrive' };

export type PlannedDeed = { readonly element: string; readonly at: number } & Deed;

export interface FleetPlan {
  readonly deeds: readonly PlannedDeed[];
  /** The fleets that a run may use, by its number; `undefined`: it names none. */
  readonly fleetsOf: (run: number) => readonly string[] | undefined;
}

const NONE: FleetPlan = { deeds: [], fleetsOf: () => undefined };

/** Most seeds have fleets of their own and operators. From a sequence of its own: the rest is as without. `crowds`: when many runs come. */
export function fleetPlan(seed: number, troubled: number, crowds: readonly number[]): FleetPlan {
  const random = randomOf(seed, 'fleets');
  if (random() < 0.4) return NONE;
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const moment = () => Math.floor(random() * troubled * 0.9);
  const amidst = () =>
    random() < 0.5 ? moment() : (crowds[upTo(crowds.length - 1)] ?? 0) + Math.floor(random() * 20 * SECOND);
  const names = random() < 0.5 ? ['bounded'] : random() < 0.5 ? ['kept'] : ['bounded', 'kept'];
  const deeds: (Deed & { at: number })[] = [];
  for (const fleet of names) {
    deeds.push({ at: 0, kind: 'apply', fleet, fields: fieldsOf(fleet, random) });
    for (let changes = upTo(3); changes > 0; changes--)
      deeds.push({ at: amidst(), kind: 'apply', fleet, fields: fieldsOf(fleet, random) });
    if (random() < 0.3) deeds.push({ at: moment(), kind: 'delete', fleet });
  }
  if (random() < 0.2)
    deeds.push({ at: moment(), kind: 'apply', fleet: 'default', fields: { limits: limits(random) } });
  for (let words = upTo(8); words > 0; words--)
    deeds.push({ at: amidst(), ...word([...names, 'default'], random) });
  const others = Array.from({ length: 16 }, () => {
    if (random() < 0.35) return undefined;
    return random() < 0.8 ? [names[upTo(names.length - 1)] ?? 'default'] : names.toReversed();
  });
  return {
    deeds: deeds.map((deed, index) => ({
      element: `${deed.kind} ${index}`,
      ...withTypes(seed, withPlacement(seed, withHealth(seed, deed))),
    })),
    fleetsOf: (run) => others[run],
  };
}

/** In half of the seeds fleets have their nodes checked, in most of their configurations. By dice of its own. */
function withHealth<D extends Deed & { readonly at: number }>(seed: number, deed: D): D {
  if (deed.kind !== 'apply' || randomFor(seed, 'health') < 0.5) return deed;
  const asks = randomFor(seed, `health of ${deed.fleet} at ${deed.at}`) < 0.8;
  return { ...deed, fields: { ...deed.fields, ...(asks && { health: true }) } };
}

/** In a third of the seeds fleets want their instances close together, in most of their configurations: where EC2 places them so. */
function withPlacement<D extends Deed & { readonly at: number }>(seed: number, deed: D): D {
  if (deed.kind !== 'apply' || deed.fleet === 'default' || randomFor(seed, 'placement') < 0.67) return deed;
  const wants = randomFor(seed, `placement of ${deed.fleet} at ${deed.at}`) < 0.8;
  return { ...deed, fields: { ...deed.fields, ...(wants && { placement: 'cluster' }) } };
}

/** In half of the seeds some of the fleets' configurations let in one type alone: what they have of the other goes. */
function withTypes<D extends Deed & { readonly at: number }>(seed: number, deed: D): D {
  if (deed.kind !== 'apply' || randomFor(seed, 'types') < 0.5) return deed;
  const dice = randomFor(seed, `types of ${deed.fleet} at ${deed.at}`);
  if (dice < 0.4) return deed;
  return { ...deed, fields: { ...deed.fields, instance_types: [dice < 0.7 ? 'm5.xlarge' : 'm6i.xlarge'] } };
}

type Random = () => number;

export const SHORTEST_HOLD = 2 * MINUTE;

/** Within any of them each type that there is fits alone: what it takes is 4 vCPUs and $1.10 an hour at most. */
const limits = (random: Random): Record<string, number> => ({
  ...(random() < 0.7 && { instances: 1 + Math.floor(random() * 2) }),
  ...(random() < 0.4 && { vcpus: 4 + Math.floor(random() * 9) }),
  ...(random() < 0.4 && { price_per_hour: 1.1 + random() * 2 }),
});

function fieldsOf(fleet: string, random: Random): Record<string, unknown> {
  const idle = { idle_duration: `${1 + Math.floor(random() * 3)}m` };
  if (fleet === 'kept') {
    const min = Math.floor(random() * 3);
    const target = min + Math.floor(random() * 2);
    return { ...idle, nodes: { min, target, max: Math.max(1, target) + Math.floor(random() * 2) } };
  }
  const budget = random() < 0.4 && { budget: 0.2 + random() * 2 };
  return { ...(random() < 0.5 && idle), limits: { ...limits(random), ...budget } };
}

function word(fleets: readonly string[], random: Random): Deed {
  const lasts = Math.floor((0.5 + random() * 8) * MINUTE);
  const fleet = fleets[Math.floor(random() * fleets.length)] ?? 'default';
  const pick = random();
  const kinds = [
    'hold',
    'hold',
    'hold',
    'drain',
    'kill',
    'pause',
    'pause',
    'drain all',
    'terminate',
    'redrive',
  ];
  switch (kinds[Math.floor(random() * kinds.length)]) {
    case 'hold':
      return { kind: 'withhold', by: 'hold', pick, lasts: SHORTEST_HOLD + lasts };
    case 'drain':
      return { kind: 'withhold', by: 'drain', pick, lasts: random() < 0.3 ? 30 * SECOND : null };
    case 'kill':
      return { kind: 'kill', pick };
    case 'pause':
      return { kind: 'close', by: 'pause', fleet, lasts };
    case 'drain all':
      return { kind: 'close', by: 'drain', fleet, lasts };
    case 'terminate':
      return { kind: 'close', by: 'terminate-all', fleet, lasts };
    default:
      return { kind: 'redrive' };
  }
}
