import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { containerPlan } from './container-plan.ts';
import { atBoot, atGroups, type Fault, faults, frequent, onNodes, unkind, worst } from './faults.ts';
import { type Deed, fleetPlan } from './fleet-plan.ts';
import { withSeveralFleets } from './mover-plan.ts';
import { randomOf } from './random.ts';

/** A run that somebody submits: milliseconds after the start, and what its commands do. */
export interface PlannedRun {
  readonly element: string;
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly nodes: number;
}

/** What happens to the world or is asked by a user at a moment of its own. */
export type Happening = { readonly element: string; readonly at: number } & (
  | { readonly kind: 'stop'; readonly run: number; readonly mode: 'graceful' | 'abort' }
  /** `pick` of all machines alive then: from 0 to 1. */
  | {
      readonly kind: 'spot interruption' | 'ended outside' | 'stopped outside' | 'agent gone';
      readonly pick: number;
    }
  | { readonly kind: 'agent lost'; readonly pick: number; readonly lasts: number }
  /** The fleet cuts its instances, so that jobs share them. */
  | { readonly kind: 'blocks'; readonly blocks: number; readonly health: boolean }
  | Deed
  | { readonly kind: 'outage'; readonly of: Service; readonly lasts: number }
);

/** `reports`: the way from the instances to the API. */
export type Service = 'ec2' | 'ssm' | 'eventbridge' | 'reports';

/** All that a seed decides before anything happens. */
export interface Plan {
  readonly seed: number;
  readonly limit: number;
  readonly runs: readonly PlannedRun[];
  readonly happenings: readonly Happening[];
  readonly rates: Readonly<Record<Fault, number>>;
  /** Whether there are any: some machines have one from their image then. */
  readonly containers: boolean;
  /** How long faults go on. */
  readonly troubled: number;
  /** How long each sync stays for what falls due, as far as it is given the time. */
  readonly syncStays: number;
  /** What may happen and strike; a shrunk plan names it. */
  readonly only: ReadonlySet<string> | 'all';
}

type Random = () => number;

export function planOf(seed: number): Plan {
  const random = randomOf(seed, 'plan');
  const among = <T>(...choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random() * choices.length)] ?? choices[0];
  const mood = among('calm', 'troubled', 'troubled', 'wild');
  const troubled = (10 + Math.floor(random() * 30)) * MINUTE;
  // Some come in crowds, within moments.
  // Drawn by themselves: what a seed plans besides stays as it is.
  const size = randomOf(seed, 'nodes');
  const moment = () => Math.floor(random() * troubled * 0.7);
  const crowds = [0, moment(), moment()] as const;
  const { deeds, fleetsOf } = fleetPlan(seed, troubled, crowds);
  const runs = Array.from({ length: 2 + Math.floor(random() * 11) }, (_, index) => {
    const at = random() < 0.5 ? among(...crowds) + Math.floor(random() * 3 * SECOND) : moment();
    return plannedRun(index, at, fleetsOf(index), random);
  });
  const limit = 1 + Math.floor(random() * 5);
  const containerOf = containerPlan(seed);
  return {
    seed,
    limit,
    containers: containerOf !== null,
    runs: withSeveralFleets(
      seed,
      runs.map((run, index) => {
        const nodes = nodesOf(size, limit);
        const fields = { ...run.fields, ...containerOf?.(index) };
        return { ...run, fields, nodes: run.fields['fleets'] === undefined ? nodes : 1 };
      }),
      deeds,
    ),
    happenings: [
      ...sharing(seed),
      ...runs.flatMap((run, index) => (random() < 0.25 ? [stopOf(run, index, random)] : [])),
      ...mishaps(mood === 'calm' ? 0 : mood === 'wild' ? 14 : 5, troubled, random),
      ...deeds,
    ],
    rates: {
      ...ratesOf(mood, random, { ...worst, ...frequent }),
      ...ratesOf(mood, randomOf(seed, 'faults on nodes'), onNodes),
      ...ratesOf(mood, randomOf(seed, 'faults at groups'), atGroups),
      ...ratesOf(mood, randomOf(seed, 'faults at boot'), atBoot),
      ...ratesOf(mood, randomOf(seed, 'unkind faults'), unkind),
    },
    troubled,
    syncStays: among(0, 10 * SECOND, 50 * SECOND),
    only: 'all',
  };
}

/** By dice of its own: what else a seed stands for stays as it was before there were blocks. */
function sharing(seed: number): Happening[] {
  const random = randomOf(seed, 'blocks');
  const blocks = random() < 0.5 ? 2 : 4;
  if (random() >= 0.4) return [];
  const health = random() < 0.3;
  return [{ element: `blocks ${blocks}`, at: 0, kind: 'blocks', blocks, health }];
}

/** Every fourth run has two or three nodes, where its fleet has room for them. */
function nodesOf(random: Random, limit: number): number {
  const [several, many] = [random() < 0.25, random()];
  return several ? Math.min(limit, many < 0.5 ? 2 : 3) : 1;
}

function plannedRun(
  index: number,
  at: number,
  fleets: readonly string[] | undefined,
  random: Random,
): Omit<PlannedRun, 'nodes'> {
  const forever = random() < 0.1;
  const seconds = forever ? 100_000 : Math.ceil(random() ** 3 * 600);
  const [status, obeys] = [random() < 0.2 ? 3 : 0, random() < 0.85 ? Math.floor(random() * 20) : 100_000];
  // A fleet with a budget takes no other.
  const bounded = forever || random() < 0.15 || (fleets !== undefined && seconds % 3 > 0);
  return {
    element: `run ${index}`,
    at,
    seconds,
    fields: {
      commands: [`for ${seconds} exit ${status} obey ${obeys}`],
      env: { TOKEN: `hush-${index}` },
      priority: Math.floor(random() * 4) * 10,
      idle_duration: `${1 + Math.floor(random() * 4)}m`,
      spot_policy: random() < 0.5 ? 'auto' : random() < 0.5 ? 'spot' : 'on-demand',
      ...(bounded && { max_duration: `${30 + Math.floor(random() * 300)}s` }),
      ...(random() < 0.3 && { stop_duration: `${5 + Math.floor(random() * 60)}s` }),
      ...(random() < 0.25 && { retry: { duration: '10m' } }),
      ...(random() < 0.05 && { creation_policy: 'reuse' }),
      ...(random() < 0.3 && { instance_types: [random() < 0.5 ? 'm5.xlarge' : 'm6i.xlarge'] }),
      ...(fleets && { fleets }),
    },
  };
}

const stopOf = (run: Pick<PlannedRun, 'at'>, index: number, random: Random): Happening => ({
  element: `stop of run ${index}`,
  kind: 'stop',
  run: index,
  at: run.at + Math.floor(random() ** 2 * 8 * MINUTE),
  mode: random() < 0.6 ? 'graceful' : 'abort',
});

const ofMachines = [
  'spot interruption',
  'ended outside',
  'stopped outside',
  'agent gone',
  'agent lost',
] as const;
const kinds = [...ofMachines, 'pause', 'spot interruption', 'ec2', 'ssm', 'eventbridge', 'reports'] as const;

function mishaps(most: number, troubled: number, random: Random): Happening[] {
  return Array.from({ length: Math.floor(random() * (most + 1)) }, (_, index): Happening => {
    const at = Math.floor(random() * troubled);
    const [pick, lasts] = [random(), Math.floor((0.2 + random() * 10) * MINUTE)];
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'agent lost';
    switch (kind) {
      case 'agent lost':
        return { element: `${kind} ${index}`, kind, at, pick, lasts };
      case 'pause':
        return { element: `${kind} ${index}`, kind: 'close', by: kind, fleet: 'default', at, lasts };
      case 'ec2':
      case 'ssm':
      case 'eventbridge':
      case 'reports':
        return { element: `outage of ${kind} ${index}`, kind: 'outage', of: kind, at, lasts };
      default:
        return { element: `${kind} ${index}`, kind, at, pick };
    }
  });
}

/** Of a troubled seed's faults some never strike, of a wild one's all may; a calm one has one or two. */
function ratesOf<F extends Fault>(
  mood: 'calm' | 'troubled' | 'wild',
  random: Random,
  most: Readonly<Record<F, number>>,
): Record<F, number> {
  const active = mood === 'calm' ? 0.05 : mood === 'troubled' ? 0.4 : 0.9;
  const rates = Object.entries<number>(most).map(([fault, rate]) => [
    fault,
    random() < active ? rate * (0.1 + 0.9 * random()) : 0,
  ]);
  return Object.fromEntries(rates) as Record<F, number>;
}

/** A world in which nothing goes wrong but what is planned. */
export const noFaults = Object.fromEntries(faults.map((fault) => [fault, 0])) as Record<Fault, number>;
