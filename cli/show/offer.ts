import { nominalGib } from '../../domain/planning/gpu.ts';
import type { Offer, OfferTerms } from '../../domain/planning/offer.ts';
import type { Paint } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { dollars, memory } from '../terminal/units.ts';

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
}: Omit<OfferTerms, 'resources' | 'region'>): string =>
  `${instance_type} in ${zone}, ${spot}, ${dollars(price)}/h`;

/** `3 × m5.large in us-east-1a, spot, $0.0345/h`: what all nodes of a run have, equal ones once. */
export const termsOfAll = (offers: readonly Parameters<typeof terms>[0][]): string =>
  [...Map.groupBy(offers, terms)]
    .map(([text, { length }]) => (length === 1 ? text : `${length} × ${text}`))
    .join(' and ');

type Row = Offer & { readonly rank: number };

function availabilityOf(offer: Offer): string {
  if (offer.availability !== 'idle')
    return offer.availability === 'available' ? '' : offer.availability.replace('_', ' ');
  const { free, total } = offer.blocks;
  return free < total ? `${free}/${total} free` : 'idle';
}

const columns = (paint: Paint): Column<Row>[] => [
  { title: '#', value: ({ rank }) => String(rank), align: 'right' },
  { title: 'INSTANCE TYPE', value: ({ instance_type }) => instance_type, paint: paint.bold },
  { title: 'ZONE', value: ({ zone }) => zone },
  { title: 'VCPU', value: ({ resources }) => String(resources.cpus), align: 'right' },
  { title: 'MEMORY', value: ({ resources }) => memory(resources.memory_mib), align: 'right' },
  { title: 'GPU', value: gpus, narrow: 'drop' },
  { title: 'DISK', value: ({ resources }) => `${resources.disk_gib}GB`, align: 'right', narrow: 'drop' },
  { title: 'MARKET', value: ({ spot }) => spot },
  { title: '$/H', value: ({ price }) => dollars(price), align: 'right' },
  {
    title: '',
    value: availabilityOf,
    paint: (text, { availability }) => (availability === 'idle' ? paint.green(text) : paint.yellow(text)),
  },
];

export const offerTable = (offers: readonly Offer[], paint: Paint, width: number | null): string[] =>
  table(
    columns(paint),
    offers.map((offer, index) => ({ ...offer, rank: index + 1 })),
    width,
  );
