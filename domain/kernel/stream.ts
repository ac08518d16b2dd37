import type * as z from 'zod';
import type { Instant } from './instant.ts';

export type StreamName = 'Run' | 'Job' | 'Instance' | 'Fleet';

/** Which stream: all that a doorbell says. */
export interface StreamRef {
  readonly name: StreamName;
  readonly id: string;
}

/** An event is a fact, named in the past tense. */
export interface DomainEvent {
  readonly type: string;
}

/** Where a head appears besides its own key. All of it is derived from the state, none of it is the state. */
export interface Placement {
  /** Lists that a user reads: by project and time. */
  readonly list?: { readonly key: string; readonly sort: string };
  /** Work that a pass reads: unfinished runs, a fleet's queue, a fleet's pool. */
  readonly work?: { readonly key: string; readonly sort: string };
  /** When somebody has to look again even if no doorbell rings. Absent: never. */
  readonly due?: Instant;
}

/** One kind of stream: how its events read, fold, and where its head is to be found. */
export interface Stream<State, Event extends DomainEvent> {
  readonly name: StreamName;
  /**
   * One more whenever state or view come to hold something else: a head of another shape was written by another version,
   * and is folded anew from its commits when it is read.
   */
  readonly shape: number;
  readonly event: z.ZodType<Event>;
  readonly evolve: (state: State | undefined, event: Event, at: Instant) => State;
  readonly placement: (state: State, id: string) => Placement;
  /**
   * Nothing follows from a commit that leads to this state, at the time of the commit: its doorbell does not ring. Later
   * deadlines are `due`. The reactions decide by the same functions.
   */
  readonly rests: (state: State, at: Instant) => boolean;
  /** The few facts that lists show, so that a list need not read whole states. */
  readonly view: (state: State, id: string) => unknown;
}

/** A stream's head as it was read: what a decision is based on. */
export interface Loaded<State, Event extends DomainEvent> {
  readonly stream: Stream<State, Event>;
  readonly id: string;
  /** Number of commits so far; 0 when the stream does not exist. */
  readonly version: number;
  readonly state: State | undefined;
}

/** Who decided, because of what, on whose behalf. */
export interface Provenance {
  /** `user:alice`, `function:react`, `runner`. */
  readonly by: string;
  /** The commit or outside event that led to this one. */
  readonly causation: string | null;
  /** What ties the commits of one story together: a run's id, mostly. */
  readonly correlation: string;
}

/** The events of one decision as they are stored. */
export interface Commit extends Provenance {
  readonly stream: StreamRef;
  readonly version: number;
  readonly at: Instant;
  readonly events: readonly DomainEvent[];
}

/** One stream's part in a decision: its new commit and the head that follows from it. */
export interface Change {
  readonly stream: StreamRef;
  readonly expected: number;
  /** The state that the decision was based on; undefined for a stream's first. */
  readonly before: unknown;
  readonly events: readonly DomainEvent[];
  readonly at: Instant;
  /** Whether a reaction follows from it. */
  readonly doorbell: 'rings' | 'rests';
  readonly head: Head;
}

export interface Head extends Placement {
  readonly version: number;
  /** That of its stream when it was written. */
  readonly shape: number;
  readonly state: unknown;
  readonly view: unknown;
}

/** Folds the events of a decision onto the state it was based on. */
export function change<S, E extends DomainEvent>(
  from: Loaded<S, E>,
  events: readonly E[],
  at: Instant,
): Change {
  // As they will be read back, keys in the schema's order: else the state folded now and the one that `verify` folds
  // from the stored commits would be equal, but not the same bytes.
  const written = events.map((event) => from.stream.event.parse(event));
  const state = fold(from.stream, from.state, written, at);
  if (state === undefined) throw new Error(`a change of ${from.stream.name}-${from.id} without events`);
  return {
    stream: { name: from.stream.name, id: from.id },
    expected: from.version,
    before: from.state,
    events: written,
    at,
    doorbell: from.stream.rests(state, at) ? 'rests' : 'rings',
    head: headOf(from.stream, from.id, from.version + 1, state),
  };
}

/** The changes of a decision on one stream: none where nothing happened. */
export const changesOf = <S, E extends DomainEvent>(
  from: Loaded<S, E>,
  events: readonly E[],
  at: Instant,
): Change[] => (events.length > 0 ? [change(from, events, at)] : []);

export function fold<S, E extends DomainEvent>(
  stream: Stream<S, E>,
  state: S | undefined,
  events: readonly E[],
  at: Instant,
): S | undefined {
  return events.reduce<S | undefined>((folded, event) => stream.evolve(folded, event, at), state);
}

export function headOf<S, E extends DomainEvent>(
  stream: Stream<S, E>,
  id: string,
  version: number,
  state: S,
): Head {
  return {
    ...{ version, shape: stream.shape, state, view: stream.view(state, id) },
    ...stream.placement(state, id),
  };
}
