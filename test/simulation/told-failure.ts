import type { Outcome } from './simulate.ts';

const LAST = 25;

/** A failing seed for a reader: what was broken, what it takes, and the end of the story. */
export function tellFailure({ violation, struck, scene, history, steps }: Outcome): string {
  const { seed, runs, happenings, only, limit } = scene.plan;
  const planned = [...runs, ...happenings].filter(({ element }) => only === 'all' || only.has(element));
  return [
    `seed ${seed}: ${violation?.invariant}: ${violation?.what}`,
    '',
    `What it takes, on a fleet of ${limit}:`,
    ...planned.map(
      ({ at, ...what }) => `  ${(at / 1_000).toFixed(0).padStart(6)} s  ${JSON.stringify(what)}`,
    ),
    ...struck.map((element) => `            ${element}`),
    '',
    `The last ${Math.min(LAST, history.length)} of ${history.length} commits, after ${steps} steps:`,
    ...history.slice(-LAST),
  ].join('\n');
}
