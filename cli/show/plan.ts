import type { Plan } from '../../domain/planning/plan.ts';
import type { Reason, Rejection } from '../../domain/planning/rejection.ts';
import type { Paint } from '../terminal/output.ts';
import { counted, daysSince, dollars, elapsed } from '../terminal/units.ts';
import { offerTable, terms } from './offer.ts';

export interface Shown {
  readonly paint: Paint;
  readonly width: number | null;
  readonly now: number;
  /** At most so many offers are listed. */
  readonly offers: number;
}

/** How long a run may cost: `max_duration` in seconds; a list of offers is for no run. */
export type Span = number | 'no limit' | 'no run';

/** The ranked offers for one node, what they cost for all `nodes`, and why the others fell out. */
export function planLines(plan: Plan, span: Span, { paint, width, now, offers }: Shown, nodes = 1): string[] {
  const listed = plan.offers.slice(0, offers);
  const more = plan.total_offers - listed.length;
  return [
    ...(listed.length > 0 ? offerTable(listed, paint, width) : nothingFits(plan, paint)),
    ...(listed.length > 0 && more > 0 ? [paint.dim(`   … and ${more.toLocaleString('en-US')} more`)] : []),
    '',
    `${counted(plan.total_offers, 'offer fits', 'offers fit')}, of ${plan.considered.toLocaleString('en-US')} considered.${cost(plan, span, nodes)}`,
    ...plan.rejected.map((rejection) => paint.dim(`  ${fellOut(rejection)}`)),
    paint.dim(priceAge(plan, now)),
  ];
}

function nothingFits(plan: Plan, paint: Paint): string[] {
  if (plan.considered === 0)
    return [paint.red('No instance of its fleet is idle, and `creation_policy: reuse` launches none.')];
  const nearest = plan.nearest.map(({ offer, missing }) => {
    const lacks = missing.map(({ reason, asked, has }) => `${words[reason].field} ${has}, asked ${asked}`);
    return `  ${terms(offer)}: ${lacks.join('; ')}`;
  });
  return [paint.red('No offer fits.'), ...(nearest.length > 0 ? ['Nearest:', ...nearest] : [])];
}

function cost({ total_at_max_duration: total, max_offer_price }: Plan, span: Span, nodes: number): string {
  if (max_offer_price === null || span === 'no run') return '';
  const all = nodes === 1 ? '' : ` for all ${nodes} nodes`;
  if (total === null || span === 'no limit')
    return ` At most ${dollars(max_offer_price * nodes)}/h${all}, for as long as it runs: no max_duration.`;
  const long = elapsed(span * 1_000);
  const first = dollars(total.first * nodes);
  const dearest = dollars(total.dearest * nodes);
  if (total.first === total.dearest) return ` At most ${dearest} in all${all}, at max_duration (${long}).`;
  return ` At max_duration (${long})${all}: ${first} in all on the first, ${dearest} on the dearest.`;
}

/** What the nodes of all groups cost together at most; nothing where a group has no offer. */
export function totalOfGroups(groups: readonly { readonly nodes: number; readonly plan: Plan }[]): string[] {
  if (groups.length < 2 || groups.some(({ plan }) => plan.max_offer_price === null)) return [];
  const sum = (of: (plan: Plan) => number) =>
    groups.reduce((total, { nodes, plan }) => total + nodes * of(plan), 0);
  const price = dollars(sum((plan) => plan.max_offer_price ?? 0));
  const whole = groups.every(({ plan }) => plan.total_at_max_duration !== null)
    ? `, ${dollars(sum((plan) => plan.total_at_max_duration?.dearest ?? 0))} at max_duration`
    : '';
  return ['', `All ${sum(() => 1)} nodes: at most ${price}/h${whole}.`];
}

const words: Readonly<Record<Reason, { field: string; why: string }>> = {
  instances: { field: 'instance', why: 'not the instances named' },
  not_launchable: { field: 'launch', why: 'cannot be launched' },
  instance_types: { field: 'instance type', why: 'other instance types' },
  regions: { field: 'region', why: 'other regions' },
  availability_zones: { field: 'zone', why: 'other zones' },
  no_subnet: { field: 'zone', why: 'no subnet in the zone' },
  placement: { field: 'placement', why: 'in no cluster placement group' },
  blocks: { field: 'size', why: 'cannot be cut into the fleet’s blocks' },
  spot_policy: { field: 'market', why: 'the other market' },
  architecture: { field: 'architecture', why: 'another architecture' },
  gpu: { field: 'GPU', why: 'GPU does not fit' },
  cpu: { field: 'vCPUs', why: 'vCPUs do not fit' },
  memory: { field: 'memory', why: 'memory does not fit' },
  disk: { field: 'disk', why: 'disk does not fit' },
  max_price: { field: 'price', why: 'too dear' },
  cluster_zone: { field: 'zone', why: 'not in the zone of the fleet’s placement group' },
  quota: { field: 'quota', why: 'over the account quota' },
  capacity: { field: 'capacity', why: 'no capacity lately' },
};

function fellOut({ reason, count, asked, has, nearest }: Rejection): string {
  const number = count.toLocaleString('en-US').padStart(6);
  return `${number} ${words[reason].why}: asked ${asked}; nearest: ${nearest.instance_type} in ${nearest.zone}, ${has}`;
}

function priceAge({ price_as_of, spot_price_as_of }: Plan, now: number): string {
  const aged = (date: string) => `${date} (${counted(daysSince(date, now), 'day')} old)`;
  const spot = spot_price_as_of === null ? '' : `; spot: ${aged(spot_price_as_of)}`;
  return `EC2 prices of ${aged(price_as_of)}${spot}; disk and traffic not included.`;
}
