import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Alias } from '../../domain/kernel/event-store.ts';
import type { Change, Commit, Head, Provenance, StreamRef } from '../../domain/kernel/stream.ts';
import { Observed } from '../../domain/metrics/observation.ts';
import { observedBy } from '../../domain/metrics/observed-by.ts';
import { keyOf, parseEvent, refOf } from '../../domain/streams.ts';

// The table's layout: docs/contracts.md. Events, state and view are JSON text: what is read back is byte for byte
// what was written, which `verify` depends on, and it costs no marshalling.

export const DUE_SHARDS = 8;

export const headKey = (stream: StreamRef) => ({ pk: keyOf(stream), sk: 'head' });

export const commitSort = (version: number): string => String(version).padStart(10, '0');

export const duePartition = (shard: number): string => `due#${shard}`;

// A deadline partition takes 1,000 writes a second: eight of them are enough for 50,000 jobs that report each minute.
const shardOf = (key: string): number => createHash('sha1').update(key).digest().readUInt8(0) % DUE_SHARDS;

export function commitItem(change: Change, { by, causation, correlation }: Provenance) {
  const observed = observedBy(change);
  return {
    pk: keyOf(change.stream),
    sk: commitSort(change.expected + 1),
    at: change.at,
    by,
    causation,
    correlation,
    events: JSON.stringify(change.events),
    // Filtered out of the stream of `react` in serverless.yml. A commit without the attribute rings.
    ...(change.doorbell === 'rests' && { rests: true }),
    ...(observed && { observed: JSON.stringify(observed) }),
  };
}

export function headItem({ stream, head }: Change) {
  const key = headKey(stream);
  return {
    ...key,
    version: head.version,
    shape: head.shape,
    state: packed(JSON.stringify(head.state)),
    // Lists have this attribute alone.
    view: JSON.stringify({ shape: head.shape, view: head.view }),
    ...(head.list && { list_pk: head.list.key, list_sk: head.list.sort }),
    ...(head.work && { work_pk: head.work.key, work_sk: head.work.sort }),
    ...(head.due !== undefined && dueAttributes(key.pk, head.due)),
  };
}

// A fleet's state has 265 bytes for each of its instances. Packed they are 35 to 45, and every append to a fleet costs
// a seventh: DynamoDB bills a write by the size of the whole item. What is shorter stays as text, for whoever looks.
const PACKED_FROM = 32_768;
const packed = (text: string): string | Uint8Array =>
  text.length < PACKED_FROM ? text : deflateRawSync(text);

export const dueAttributes = (pk: string, due: number) => ({ due_pk: duePartition(shardOf(pk)), due });

export const aliasKey = ({ kind, key }: Pick<Alias, 'kind' | 'key'>) => ({
  pk: `Alias-${kind}-${key}`,
  sk: 'head',
});

/** What a table item of a commit reads as; throws on an event that this version does not know. */
export function readCommit(item: Record<string, unknown>): Commit {
  const stream = refOf(String(item['pk']));
  if (stream === undefined) throw new Error(`no stream of ours: ${String(item['pk'])}`);
  const stored: unknown = JSON.parse(String(item['events']));
  if (!Array.isArray(stored))
    throw new Error(`a commit without events: ${String(item['pk'])} ${String(item['sk'])}`);
  return {
    stream,
    version: Number(item['sk']),
    at: Number(item['at']),
    by: String(item['by']),
    causation: typeof item['causation'] === 'string' ? item['causation'] : null,
    correlation: String(item['correlation']),
    events: stored.map((event) => parseEvent(stream.name, event)),
  };
}

/** What a commit has for the metrics, if anything. */
export const readObserved = ({ observed }: Record<string, unknown>): Observed | undefined =>
  typeof observed === 'string' ? Observed.parse(JSON.parse(observed)) : undefined;

/**
 * A head's state as it was folded. `undefined`: in a form that this version cannot read, as one may write it that came
 * after this one and was rolled back.
 */
export const readState = ({ state }: Record<string, unknown>): unknown => unpacked(state);

/** A list's part of a head, with the shape it was written in; 0 where that cannot be read. */
export function readView({ view }: Record<string, unknown>): { shape: number; view: unknown } {
  const read = unpacked(view);
  return { shape: 0, view: undefined, ...(typeof read === 'object' ? read : null) };
}

function unpacked(attribute: unknown): unknown {
  if (typeof attribute !== 'string' && !(attribute instanceof Uint8Array)) return undefined;
  try {
    return JSON.parse(typeof attribute === 'string' ? attribute : inflateRawSync(attribute).toString());
  } catch {
    // Nothing is lost by it: what the head says, its commits say, and `verify` tells of it.
    return undefined;
  }
}

export function readHead(item: Record<string, unknown>): Head {
  const keys = (index: 'list' | 'work') =>
    item[`${index}_pk`] === undefined
      ? {}
      : { [index]: { key: String(item[`${index}_pk`]), sort: String(item[`${index}_sk`]) } };
  return {
    version: Number(item['version']),
    shape: Number(item['shape'] ?? 0),
    state: readState(item),
    view: readView(item).view,
    ...keys('list'),
    ...keys('work'),
    ...(item['due'] !== undefined && { due: Number(item['due']) }),
  };
}
