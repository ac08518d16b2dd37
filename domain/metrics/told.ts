import type { Labels, SampledFamily } from './family.ts';

/** One value of one series, as CloudWatch is told of it. */
export interface Told {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** Tells whoever keeps time series, where they can be plotted and alarmed upon. */
export type Tell = (all: readonly Told[]) => void;

export const toldOfGauges = (families: readonly SampledFamily[]): Told[] =>
  families.flatMap(({ name, samples }) => samples.map((sample) => ({ name, ...sample })));
