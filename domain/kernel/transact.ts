import type { Alias, EventStore } from './event-store.ts';
import type { Runtime } from './runtime.ts';
import type { Change, DomainEvent, Loaded, Provenance, Stream } from './stream.ts';

/** What an attempt wants written. No changes: everything is already as it should be. */
export interface Proposal<T> {
  readonly changes: readonly Change[];
  readonly aliases?: readonly Alias[];
  readonly result: T;
}

export type Read = <S, E extends DomainEvent>(stream: Stream<S, E>, id: string) => Promise<Loaded<S, E>>;

// Twenty tries with full jitter up to 320 ms see 60 rivals on one head through, on a slow machine as well; more is an outage.
const TRIES = 20;

/**
 * Reads, decides and appends, again from the start when somebody else was faster.
 * `attempt` must be free of effects besides its reads: it may run several times.
 */
export async function transact<T>(
  { store, runtime }: { store: EventStore; runtime: Runtime },
  provenance: Provenance,
  attempt: (read: Read) => Promise<Proposal<T>>,
): Promise<T> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const { changes, aliases, result } = await attempt(readingOnce(store));
    if (changes.length === 0) return result;
    if ((await store.append(changes, provenance, aliases)) === 'appended') return result;
    await runtime.pause(runtime.random() * Math.min(320, 5 * 2 ** tries));
  }
  throw new Error(
    `${provenance.correlation}: lost ${TRIES} races in a row for one append; it will be tried again`,
  );
}

/** An attempt that asks for a head again gets what it has: it may read early, with others, what it needs later. */
function readingOnce(store: EventStore): Read {
  const read = new Map<string, Promise<unknown>>();
  return <S, E extends DomainEvent>(stream: Stream<S, E>, id: string) => {
    const key = `${stream.name}-${id}`;
    const head = read.get(key) ?? store.load(stream, id);
    read.set(key, head);
    return head as Promise<Loaded<S, E>>;
  };
}
