import { Crash } from '../functions/crashing.ts';
import { NoAnswer } from './process.ts';

/** Whether the simulation threw it, itself or as the cause of another. */
export function isExpected(error: unknown): boolean {
  if (error instanceof Crash || error instanceof NoAnswer) return true;
  if (!(error instanceof Error)) return false;
  // The fakes' word for a lost reply.
  return error.message.endsWith('socket hang up') || isExpected(error.cause);
}
