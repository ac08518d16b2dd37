import type { Alias, EventStore } from '../../domain/kernel/event-store.ts';
import type { Commit, Head, StreamRef } from '../../domain/kernel/stream.ts';
import type { Observed } from '../../domain/metrics/observation.ts';
import { observedBy } from '../../domain/metrics/observed-by.ts';
import { keyOf, parseEvent, refOf } from '../../domain/streams.ts';

export interface MemoryEventStore extends EventStore {
  readonly commits: readonly Commit[];
  /** What its commits have for the metrics. */
  readonly observed: readonly (Observed & { readonly key: string })[];
  readonly heads: ReadonlyMap<string, Head>;
  head(stream: StreamRef): Promise<Head | undefined>;
}

/** Keeps the indexes behind the heads: as long as it says so, they show a head as it was before. */
export type IndexLag = (stream: string) => 'shown' | 'behind';

/** The event store in memory, behaving as the real one does: both pass test/infra/dynamodb's contract. */
export function memoryEventStore(
  ring: (stream: StreamRef) => void = () => {},
  lag: IndexLag = () => 'shown',
): MemoryEventStore {
  const commits: Commit[] = [];
  const observed: (Observed & { readonly key: string })[] = [];
  const histories = new Map<string, Commit[]>();
  const heads = new Map<string, Head>();
  const aliases = new Map<string, string>();
  // As stored and read back. What is handed out cannot be changed, so that it need not be copied each time.
  const copy = <T>(value: T): T => frozen(JSON.parse(JSON.stringify(value)) as T);
  const aliasKey = ({ kind, key }: Pick<Alias, 'kind' | 'key'>) => `${kind} ${key}`;
  const shown = new Map<string, Head>();
  const indexed = () => {
    for (const [key, head] of heads)
      if (shown.get(key) !== head && lag(key) === 'shown') shown.set(key, head);
    return [...shown];
  };
  const ordered = (index: 'list' | 'work', key: string) =>
    indexed()
      .filter(([, head]) => head[index]?.key === key)
      .sort(([, a], [, b]) => ((a[index]?.sort ?? '') < (b[index]?.sort ?? '') ? -1 : 1));
  const idOf = (key: string) => refOf(key)?.id ?? '';

  return {
    commits,
    observed,
    heads,

    async head(stream) {
      return heads.get(keyOf(stream));
    },

    async load(stream, id) {
      const head = heads.get(keyOf({ name: stream.name, id }));
      return { stream, id, version: head?.version ?? 0, state: head?.state as never };
    },

    async append(changes, provenance, moves = []) {
      if (changes.some(({ stream, expected }) => (heads.get(keyOf(stream))?.version ?? 0) !== expected))
        return 'conflict';
      if (moves.some((alias) => aliases.get(aliasKey(alias)) !== alias.from)) return 'conflict';
      for (const change of changes) {
        const { stream, expected, events, at, head } = change;
        const key = keyOf(stream);
        const seen = observedBy(change);
        if (seen) observed.push({ ...seen, key: `${key}/${expected + 1}` });
        const commit = copy({ stream, version: expected + 1, at, events, ...provenance });
        commits.push(commit);
        histories.set(key, (histories.get(key) ?? []).concat(commit));
        heads.set(key, copy(head));
      }
      for (const alias of moves) aliases.set(aliasKey(alias), alias.to);
      for (const { stream, doorbell } of changes) if (doorbell === 'rings') ring(stream);
      return 'appended';
    },

    async remind(stream, due) {
      const head = heads.get(keyOf(stream));
      if (head?.due !== undefined) heads.set(keyOf(stream), { ...head, due });
    },

    async alias(kind, key) {
      return aliases.get(aliasKey({ kind, key }));
    },

    async history(stream, after, limit) {
      return (histories.get(keyOf(stream)) ?? []).slice(after, after + limit).map((commit) => ({
        ...commit,
        events: commit.events.map((event) => parseEvent(commit.stream.name, event)),
      }));
    },

    async work(stream, key, limit, after) {
      return ordered('work', key)
        .filter(([, head]) => after === undefined || (head.work?.sort ?? '') > after)
        .slice(0, limit)
        .map(([pk, head]) => ({
          stream,
          id: idOf(pk),
          version: head.version,
          state: head.state as never,
        }));
    },

    async list(key, limit, from, within) {
      const all = ordered('list', key)
        .filter(([, { list }]) => !within || (list && list.sort >= within.least && list.sort <= within.most))
        .reverse();
      const start = from === undefined ? 0 : all.findIndex(([pk]) => `${key} ${pk}` === from) + 1;
      if (from !== undefined && start === 0) return 'bad-cursor';
      const items = all.slice(start, start + limit);
      const last = items.at(-1);
      return {
        items: items.map(([pk, head]) => ({ id: idOf(pk), view: head.view })),
        ...(last && start + limit < all.length && { next: `${key} ${last[0]}` }),
      };
    },

    async due(now, limit) {
      return indexed()
        .filter(([, head]) => head.due !== undefined && head.due <= now)
        .sort(([, a], [, b]) => (a.due ?? 0) - (b.due ?? 0))
        .slice(0, limit)
        .flatMap(([pk]) => refOf(pk) ?? []);
    },
  };
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}
