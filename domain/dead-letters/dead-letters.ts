import type { Instant } from '../kernel/instant.ts';

/** A letter as the queue has it, while nobody else is given it. */
export interface HeldLetter {
  /** The queue's own name for it: the same however often it is taken. */
  readonly id: string;
  /** Good for giving back or removing what was taken. */
  readonly receipt: string;
  readonly body: string;
  /** What the sender put beside the body. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly sent_at: Instant;
}

/** The queue of what could not be handled. A letter that is neither given back nor removed is there again after a minute. */
export interface DeadLetters {
  /** There from when this returns until it is removed. */
  put(body: string): Promise<void>;
  /** At most so many, oldest first as far as the queue keeps order. */
  take(limit: number): Promise<readonly HeldLetter[]>;
  giveBack(letters: readonly HeldLetter[]): Promise<void>;
  /** For good. Removing it twice is harmless. */
  remove(letter: HeldLetter): Promise<void>;
}
