import type { Instant } from './instant.ts';
import type { Change, Commit, DomainEvent, Loaded, Provenance, Stream, StreamRef } from './stream.ts';

/** A name that points at an id, moved only if it still points where the mover last saw it. */
export interface Alias {
  readonly kind: 'run-name' | 'ec2-instance' | 'idempotency-key';
  readonly key: string;
  readonly from: string | undefined;
  readonly to: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Hand it back to read on; absent at the end. */
  readonly next?: string;
}

/** From `least` to `most`, both included, in the order of their bytes. */
export interface Sorts {
  readonly least: string;
  readonly most: string;
}

export interface Listed {
  readonly id: string;
  readonly view: unknown;
}

/**
 * Commits and heads. Reads of one stream are consistent; index reads may lag behind by moments, as DynamoDB's do.
 * Outages are thrown; a lost race is the value `conflict`.
 */
export interface EventStore {
  load<S, E extends DomainEvent>(stream: Stream<S, E>, id: string): Promise<Loaded<S, E>>;

  /** All changes and aliases, or none of them. `conflict`: a stream has moved or an alias points elsewhere. */
  append(
    changes: readonly Change[],
    provenance: Provenance,
    aliases?: readonly Alias[],
  ): Promise<'appended' | 'conflict'>;

  /** Moves the head's due time, without an event: somebody has looked, or has heard. The last call wins. */
  remind(stream: StreamRef, due: Instant): Promise<void>;

  alias(kind: Alias['kind'], key: string): Promise<string | undefined>;

  /** The stream's commits after a version, oldest first. */
  history(stream: StreamRef, after: number, limit: number): Promise<readonly Commit[]>;

  /** Heads under a work key, in the order of their sort; `after`: those whose sort is greater. */
  work<S, E extends DomainEvent>(
    stream: Stream<S, E>,
    key: string,
    limit: number,
    after?: string,
  ): Promise<readonly Loaded<S, E>[]>;

  /** Views under a list key, newest first. `bad-cursor`: `from` is none of ours. `within`: of those alone with such a sort. */
  list(key: string, limit: number, from?: string, within?: Sorts): Promise<Page<Listed> | 'bad-cursor'>;

  /** Streams whose due time has come, most overdue first. */
  due(now: Instant, limit: number): Promise<readonly StreamRef[]>;
}
