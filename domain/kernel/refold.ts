import { asStored } from './as-stored.ts';
import { type Commit, type DomainEvent, fold, type Stream } from './stream.ts';

/** How far a stream's commits have been folded. */
export interface Folded<S = unknown> {
  readonly version: number;
  readonly state: S | undefined;
}

export const unfolded = { version: 0, state: undefined } as const;

/** The state that a stream's commits lead to, on from where they were folded before. */
export function refold<S, E extends DomainEvent>(
  stream: Stream<S, E>,
  commits: readonly Commit[],
  since: Folded<S> = unfolded,
): Folded<S> {
  let { state } = since;
  const known = new WeakSet();
  for (const { events, at } of commits) {
    const folded = fold(stream, state, events as readonly E[], at);
    // As it lay in the head between two decisions.
    state = asStored(folded, known);
  }
  return { version: since.version + commits.length, state };
}
