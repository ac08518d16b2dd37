import type { Told } from '../../domain/metrics/told.ts';
import { count } from '../../functions/publish/count.ts';
import { type Given, inMemorySortie } from './in-memory-sortie.ts';

/** A Sortie whose commits are counted as `publish` does it, in batches of ten. */
export function counting(given?: Given) {
  const sortie = inMemorySortie(given);
  const told: Told[] = [];
  const tell = (all: readonly Told[]) => void told.push(...all);
  let counted = 0;
  const publish = async () => {
    const { observed } = sortie.store;
    for (; counted < observed.length; counted += 10)
      await count({ tally: sortie.tally, tell }, observed.slice(counted, counted + 10));
    counted = observed.length;
  };
  /** Each series with its value, as Prometheus reads it. */
  const series = async (): Promise<Record<string, number>> => {
    await publish();
    const lines = (await sortie.scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  };
  return { sortie, series, told, tell };
}
