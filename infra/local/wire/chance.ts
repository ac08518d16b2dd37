import { createHash } from 'node:crypto';

/** A number in [0, 1): always the same for the same seed, subject and turn, whatever was asked before. */
export function chanceOf(seed: number, subject: string, turn: number): number {
  return createHash('sha256').update(`${seed}/${subject}/${turn}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
