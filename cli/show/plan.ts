import { dollars } from '../../domain/kernel/dollars.ts';
import { baselineOf } from '../../domain/planning/burstable.ts';
import type { Offer } from '../../domain/planning/offer.ts';
import type { Plan } from '../../domain/planning/plan.ts';
import type { Reason, Rejection } from '../../domain/planning/rejection.ts';
import type { Paint } from '../terminal/output.ts';
import { age, counted, elapsed } from '../terminal/units.ts';
import { offerTable, partsText, rowsOf, terms } from './offer.ts';

export interface Shown {
  readonly paint: Paint;
  readonly width: number | null;
  readonly now: number;
  /** At most so many rows are listed: a row is a type in all its zones, or an offer. */
  readonly offers: number;
  readonly rows: 'type' | 'zone';
}

/** How long a run may cost: `max_duration` in seconds; a list of offers is for no run. */
export type Span = number | 'no limit' | 'no run';

/** The ranked offers for one node, what they cost for all `nodes`, and why the others fell out. */
export function planLines(plan: Plan, span: Span, shown: Shown, nodes = 1): string[] {
  const { paint, width, now } = shown;
  const listed = rowsOf(plan.offers, shown.rows).slice(0, shown.offers);
  const more = plan.total_offers - listed.reduce((sum, { offers }) => sum + offers.length, 0);
  return [
    ...(listed.length > 0 ? offerTable(listed, paint, width) : nothingFits(plan, paint)),
    ...(listed.length > 0 && more > 0
      ? [paint.dim(`   … and ${more.toLocaleString('en-US')} more offers`)]
      : []),
    '',
    ...costLines(plan, span, nodes),
    `${counted(plan.total_offers, 'offer fits', 'offers fit')}, of ${plan.considered.toLocaleString('en-US')} considered.`,
    ...plan.rejected.map((rejection) => paint.dim(`  ${fellOut(rejection)}`)),
    paint.dim(priceAge(plan, now)),
    ...(plan.catalogue.origin === 'shipped' ? [paint.yellow(notRefreshed)] : []),
  ];
}

/** `t3a.micro in us-east-1a, on-demand, $0.0254/h (…); at most $0.0064 at max_duration (10m)`: for who does not choose. */
export function planInOneLine(plan: Plan, span: Span, nodes: number): string {
  const [first] = plan.offers;
  if (first === undefined) return 'no offer fits now';
  const all = nodes === 1 ? '' : `${nodes} × `;
  const parts = partsText(first.price_parts);
  const total = totalText(plan, span, nodes);
  return `${all}${terms(first)}${parts && ` (${parts})`}${total && `; ${total}`}`;
}

function nothingFits(plan: Plan, paint: Paint): string[] {
  if (plan.considered === 0)
    return [paint.red('No instance of its fleet is idle, and `creation_policy: reuse` launches none.')];
  const nearest = plan.nearest.map(({ offer, missing }) => {
    const lacks = missing.map(({ reason, asked, has }) =>
      reason === 'image' ? has : `${words[reason].field} ${has}, asked ${asked}`,
    );
    return `  ${terms(offer)}: ${lacks.join('; ')}`;
  });
  return [paint.red('No offer fits.'), ...(nearest.length > 0 ? ['Nearest:', ...nearest] : [])];
}

function costLines(plan: Plan, span: Span, nodes: number): string[] {
  const [first] = plan.offers;
  if (first === undefined || span === 'no run') return [];
  const parts = partsText(first.price_parts);
  const all = nodes === 1 ? '' : `; all ${nodes} nodes ${dollars(first.price * nodes)}/h`;
  const total = totalText(plan, span, nodes);
  return [
    `The first offer: ${dollars(first.price)}/h${parts && ` = ${parts}`}${all}.`,
    ...(total === '' ? [] : [`${total[0]?.toUpperCase()}${total.slice(1)}.`]),
    ...burstNote(first),
  ];
}

/** What a run comes to, where that is known. */
function totalText(
  { total_at_max_duration: total, max_offer_price }: Plan,
  span: Span,
  nodes: number,
): string {
  if (max_offer_price === null || span === 'no run') return '';
  if (total === null || span === 'no limit')
    return `no max_duration: as long as it runs, at most ${dollars(max_offer_price * nodes)}/h`;
  const [first, dearest] = [dollars(total.first * nodes), dollars(total.dearest * nodes)];
  const long = `max_duration (${elapsed(span * 1_000)})`;
  if (first === dearest) return `at most ${dearest} in all, at ${long}`;
  return `at ${long}: ${first}; at most ${dearest}, if it is not to be had`;
}

/** A stranger takes 2 vCPUs for 2 vCPUs. */
function burstNote({ instance_type, cpu_credits, resources }: Offer): string[] {
  const baseline = baselineOf(instance_type);
  if (baseline === null || cpu_credits !== 'standard') return [];
  const share = `${Number((100 * baseline).toFixed(1))}% of its ${counted(resources.cpus, 'vCPU')}`;
  return [`${instance_type} is burstable: without CPU credits it has ${share}.`];
}

/** What the nodes of all groups cost together; nothing where a group has no offer. */
export function totalOfGroups(groups: readonly { readonly nodes: number; readonly plan: Plan }[]): string[] {
  if (groups.length < 2 || groups.some(({ plan }) => plan.max_offer_price === null)) return [];
  const sum = (of: (plan: Plan) => number) =>
    groups.reduce((total, { nodes, plan }) => total + nodes * of(plan), 0);
  const price = dollars(sum(({ offers: [first] }) => first?.price ?? 0));
  const whole = groups.every(({ plan }) => plan.total_at_max_duration !== null)
    ? `, at most ${dollars(sum((plan) => plan.total_at_max_duration?.dearest ?? 0))} at max_duration`
    : `, at most ${dollars(sum((plan) => plan.max_offer_price ?? 0))}/h`;
  return ['', `All ${sum(() => 1)} nodes: ${price}/h on the first offers${whole}.`];
}

/** `why`: of the offers that fell out, after their number. */
const words: Readonly<Record<Reason, { field: string; why: string }>> = {
  instances: { field: 'instance', why: 'not the instances named' },
  not_launchable: { field: 'launch', why: 'need a Dedicated Host, or are 32-bit' },
  image: { field: 'image', why: 'without an image' },
  instance_types: { field: 'instance type', why: 'other instance types' },
  regions: { field: 'region', why: 'other regions' },
  availability_zones: { field: 'zone', why: 'other zones' },
  no_subnet: { field: 'zone', why: 'zones without a subnet' },
  bare_metal: { field: 'bare metal', why: 'older bare metal, slow to boot: only by its name' },
  placement: { field: 'placement', why: 'in no cluster placement group' },
  blocks: { field: 'size', why: 'cannot be cut into the fleet’s blocks' },
  spot_policy: { field: 'market', why: 'offers of the other market' },
  architecture: { field: 'architecture', why: 'another architecture' },
  gpu: { field: 'GPU', why: 'GPU does not fit' },
  cpu: { field: 'vCPUs', why: 'vCPUs do not fit' },
  memory: { field: 'memory', why: 'memory does not fit' },
  disk: { field: 'disk', why: 'disk does not fit' },
  max_price: { field: 'price', why: 'cost more' },
  cpu_credits: { field: 'CPU credits', why: 'idle with standard CPU credits' },
  cluster_zone: { field: 'zone', why: 'not in the zone of the fleet’s placement group' },
  quota: { field: 'quota', why: 'over the account’s quota' },
  capacity: { field: 'capacity', why: 'no capacity lately' },
};

function fellOut({ reason, count, asked, has, nearest }: Rejection): string {
  const number = count.toLocaleString('en-US').padStart(6);
  const type = nearest.instance_type;
  switch (reason) {
    case 'spot_policy':
      return `${number} ${has} offers (you asked for ${asked})`;
    case 'architecture':
      return `${number} ${has} offers (you asked for ${asked})`;
    case 'availability_zones':
    case 'regions':
    case 'no_subnet':
    case 'instances':
      return `${number} ${words[reason].why} (you asked for ${asked})`;
    case 'image':
      return `${number} ${words[reason].why}; nearest: ${type}, ${has}`;
    default: {
      const nearby = has === type ? type : `${type}, ${has}`;
      return `${number} ${words[reason].why} (you asked for ${asked}); nearest: ${nearby}`;
    }
  }
}

function priceAge({ price_as_of, spot_price_as_of, rates_as_of }: Plan, now: number): string {
  const aged = (asOf: string) => `${asOf.slice(0, 10)} (${age(asOf, now)})`;
  const spot = spot_price_as_of === null ? '' : `, spot ${aged(spot_price_as_of)}`;
  // Where they could not be read again, or not yet.
  const rates = rates_as_of < price_as_of.slice(0, 10) ? `, disk and address ${aged(rates_as_of)}` : '';
  return `Prices: ${aged(price_as_of)}${spot}${rates}; no traffic.`;
}

const notRefreshed =
  'Prices as shipped with Sortie, and zones as another account names them: `refresh` has not run here yet. ' +
  'hint: its log says why';
