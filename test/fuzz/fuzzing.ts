/** A half of `npm run fuzz`. */
export interface Fuzzing {
  readonly name: string;
  /** How much was tried, in a line, and a line for each thing found: none, and it passed. */
  run(): Promise<{ readonly tried: string; readonly findings: readonly string[] }>;
}
