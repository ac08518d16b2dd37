import * as z from 'zod';
import { rate } from './environment/variables.ts';

export interface Clock {
  /** So many times as fast as the machine's. */
  readonly rate: number;
  now(): number;
}

/**
 * The clock of a function, by its environment. No deployment sets these variables, so they are in no function's own schema:
 * the embedded AWS does, for a test that does not sit out the minutes for which machines are waited for.
 */
export const clockVariables = z
  .object({
    SORTIE_CLOCK_RATE: rate.default(1),
    /** From when on it is not the machine's clock: epoch ms, the same for all processes and over restarts. */
    SORTIE_CLOCK_ORIGIN: z.coerce.number().int().nonnegative().default(0),
  })
  .transform(
    ({ SORTIE_CLOCK_RATE, SORTIE_CLOCK_ORIGIN }): Clock => clockAt(SORTIE_CLOCK_RATE, SORTIE_CLOCK_ORIGIN),
  );

/** The machine's clock, or a faster one since `origin`. */
export const clockAt = (rate: number, origin: number): Clock =>
  rate === 1
    ? { rate, now: Date.now }
    : { rate, now: () => Math.floor(origin + (Date.now() - origin) * rate) };
