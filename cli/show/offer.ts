import { dollars } from '../../domain/kernel/dollars.ts';
import { nominalGib } from '../../domain/planning/gpu.ts';
import type { Offer, OfferTerms } from '../../domain/planning/offer.ts';
import type { PriceParts } from '../../domain/planning/price.ts';
import type { Paint } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { memory } from '../terminal/units.ts';

/** `A10G:24GB:1`, as a configuration would ask for it. */
const gpus = ({ resources }: Pick<Offer, 'resources'>): string =>
  resources.gpus
    .map(({ name, count, memory_mib }) => {
      const size = nominalGib({ name, count, memoryMib: memory_mib });
      return `${name}:${size}GB:${count === 0 ? 'part' : count}`;
    })
    .join(' ');

/** `m5.large in us-east-1a, spot, $0.0345/h` */
export const terms = ({
  instance_type,
  zone,
  spot,
  price,
}: Pick<OfferTerms, 'instance_type' | 'zone' | 'spot' | 'price'>): string =>
  `${instance_type} in ${zone}, ${spot}, ${dollars(price)}/h`;

/** `3 × m5.large in us-east-1a, spot, $0.0345/h`: what all nodes of a run have, equal ones once. */
export const termsOfAll = (offers: readonly Parameters<typeof terms>[0][]): string =>
  [...Map.groupBy(offers, terms)]
    .map(([text, { length }]) => (length === 1 ? text : `${length} × ${text}`))
    .join(' and ');

const parts: readonly (readonly [keyof PriceParts, string])[] = [
  ['instance', 'instance'],
  ['disk', 'disk'],
  ['ipv4', 'IPv4'],
  ['cpu_credits', 'CPU credits'],
];

/** `$0.0094 instance + $0.0110 disk + $0.0050 IPv4`; empty where the instance is all. */
export function partsText(price: PriceParts | null): string {
  const billed = parts.filter(([part]) => (price?.[part] ?? 0) > 0);
  if (price === null || billed.length < 2) return '';
  return billed.map(([part, name]) => `${dollars(price[part])} ${name}`).join(' + ');
}

/** Offers that differ in their zone alone, in the order of the first; an idle instance stands for itself. */
interface Row {
  readonly rank: number;
  readonly first: Offer;
  readonly offers: readonly Offer[];
}

export function rowsOf(offers: readonly Offer[], by: 'type' | 'zone'): Row[] {
  const kindOf = (offer: Offer, n: number): string =>
    by === 'zone' || offer.availability === 'idle'
      ? `${n}`
      : [offer.instance_type, offer.spot, offer.resources.disk_gib, offer.availability].join(' ');
  return [...Map.groupBy(offers.entries(), ([n, offer]) => kindOf(offer, n)).values()].flatMap((alike, n) => {
    const [first] = alike;
    return first === undefined
      ? []
      : [{ rank: n + 1, first: first[1], offers: alike.map(([, offer]) => offer) }];
  });
}

function zones({ first, offers }: Row): string {
  return offers.length === 1 ? first.zone : `${offers.length} zones`;
}

/** `$0.0345`, or `$0.0345..0.0401` where it depends on the zone. */
function range(offers: readonly Offer[], of: (offer: Offer) => number | null): string {
  const prices = offers.flatMap((offer) => of(offer) ?? []);
  if (prices.length === 0) return '';
  const [least, most] = [dollars(Math.min(...prices)), dollars(Math.max(...prices))];
  return least === most ? least : `${least}..${most.slice(1)}`;
}

function availabilityOf(offer: Offer): string {
  if (offer.availability !== 'idle')
    return offer.availability === 'available' ? '' : offer.availability.replace('_', ' ');
  const { free, total } = offer.blocks;
  return free < total ? `${free}/${total} free` : 'idle';
}

const columns = (paint: Paint): Column<Row>[] => [
  { title: '#', value: ({ rank }) => String(rank), align: 'right' },
  { title: 'INSTANCE TYPE', value: ({ first }) => first.instance_type, paint: paint.bold },
  { title: 'ZONE', value: zones, narrow: { drop: 2 } },
  { title: 'VCPU', value: ({ first }) => String(first.resources.cpus), align: 'right' },
  { title: 'MEMORY', value: ({ first }) => memory(first.resources.memory_mib), align: 'right' },
  { title: 'GPU', value: ({ first }) => gpus(first), narrow: { drop: 5 } },
  {
    title: 'DISK',
    value: ({ first }) => `${first.resources.disk_gib}GB`,
    align: 'right',
    narrow: { drop: 1 },
  },
  { title: 'MARKET', value: ({ first }) => first.spot, narrow: { drop: 3 } },
  { title: '$/H', value: ({ offers }) => range(offers, ({ price }) => price), align: 'right' },
  {
    title: 'ON-DEMAND',
    value: ({ offers }) => range(offers, ({ on_demand_price }) => on_demand_price),
    align: 'right',
    narrow: { drop: 4 },
  },
  {
    title: '',
    value: ({ first }) => availabilityOf(first),
    paint: (text, { first }) => (first.availability === 'idle' ? paint.green(text) : paint.yellow(text)),
  },
];

export const offerTable = (rows: readonly Row[], paint: Paint, width: number | null): string[] =>
  table(columns(paint), rows, width);
