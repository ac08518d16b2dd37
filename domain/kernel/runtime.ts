import type { Instant } from './instant.ts';

/** Time and chance, given to whatever coordinates; the domain's decisions only see their results. */
export interface Runtime {
  now(): Instant;
  /** Resolves after so many milliseconds. */
  pause(milliseconds: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  /** 26 characters, ordered by time. */
  ulid(): string;
  /** A secret nobody can guess, and the SHA-256 by which it is known again. */
  secret(): { readonly value: string; readonly sha256: string };
}
