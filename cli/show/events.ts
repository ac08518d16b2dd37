import * as z from 'zod';
import type { EventList } from '../../domain/api/run.ts';
import type { Output } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { terms } from './offer.ts';
import { timeColumn } from './time-column.ts';

type Event = EventList['events'][number];

/** A run's story, a line an event. */
export function eventTable(events: readonly Event[], { paint, width }: Output): string[] {
  const columns: Column<Event>[] = [
    timeColumn(events, paint),
    { title: 'STREAM', value: ({ stream }) => streamName(stream), narrow: { drop: 2 } },
    { title: 'EVENT', value: ({ type }) => type, paint: paint.bold },
    { title: 'BY', value: ({ by }) => by, narrow: { drop: 1 } },
    { title: 'WHAT', value: ({ data }) => facts(data), narrow: 'wrap' },
  ];
  return table(columns, events, width());
}

/** `Run`, `Job 0`, `Instance …k3x9p2`: the run is known, and whole ids are for `--json`. */
function streamName(stream: string): string {
  const [kind = '', ...rest] = stream.split('-');
  if (kind === 'Job') return `Job ${rest.at(-1)}`;
  return kind === 'Instance' ? `Instance …${stream.slice(-6)}` : kind;
}

// What the stream's name, the configuration or nobody needs to be told again.
const KNOWN = new Set([
  'id',
  'project',
  'fleet',
  'fingerprint',
  'nonce',
  'bundle',
  'configuration',
  'spec',
  'index',
]);
const MOST = 200;

/** `…r4kbht`, as the stream's name has it. */
const shortIds = (text: string): string => text.replace(/\bi?[0-9a-z]{20}([0-9a-z]{6})\b/g, '…$1');

const Offer = z.object({
  instance_type: z.string(),
  zone: z.string(),
  spot: z.enum(['spot', 'on-demand']),
  price: z.number(),
});

/** The fields that say something, as `status=done exit_status=0`. */
function facts(data: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(data).flatMap(([name, value]) => (KNOWN.has(name) ? [] : fact(name, value)));
  const all = told.join(' ');
  return all.length > MOST ? `${all.slice(0, MOST)}…` : all;
}

function fact(name: string, value: unknown): string[] {
  if (value === null || value === undefined || value === '') return [];
  if (Array.isArray(value)) return value.length === 0 ? [] : [`${name}=${value.join(',')}`];
  if (typeof value === 'object') {
    const offer = name === 'offer' ? Offer.safeParse(value) : undefined;
    const text = offer?.success ? terms(offer.data) : facts(value as Readonly<Record<string, unknown>>);
    return text === '' ? [] : [text];
  }
  if (typeof value === 'number' && (name === 'until' || name === 'at'))
    return [`${name}=${new Date(value).toISOString().slice(11, 23)}`];
  const text = shortIds(JSON.stringify(value));
  return [`${name}=${/\s/.test(text) ? text : text.replaceAll('"', '')}`];
}
