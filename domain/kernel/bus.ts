import type { Commit } from './stream.ts';

/** Where every event is told to the outside. At least once, in no promised order: docs/events.md. */
export interface Bus {
  /** Throws unless each event was taken; publishing all of them again is then right. */
  publish(commits: readonly Commit[]): Promise<void>;
}
