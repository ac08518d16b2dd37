import type { ReadyContainer } from '../../../domain/container/sighting.ts';
import type { Report } from '../contract.ts';
import type { Standing } from './next-report.ts';

type StageReport = NonNullable<Report['stage']>;
type Item = { health: { passed: true } } | { stage: StageReport } | { container: ReadyContainer };

/** What is to be told of the time before the commands. Each stage is told; of its messages, the latest. */
export function news() {
  const items: Item[] = [];
  let lastStage: string | null = null;
  let lastNewsAt = Number.NEGATIVE_INFINITY;
  return {
    stage(stage: StageReport): void {
      const last = items.at(-1);
      if (last !== undefined && 'stage' in last && last.stage.name === stage.name)
        items[items.length - 1] = { stage };
      else items.push({ stage });
    },
    healthy: () => void items.push({ health: { passed: true } }),
    container: (container: ReadyContainer) => void items.push({ container }),
    first: (): Item | undefined => items[0],
    said(item: Report, now: number): void {
      // A newer message may have taken its place while it was on its way: that one is still to be told.
      const [first] = items;
      const same =
        first !== undefined && ('stage' in first ? first.stage === item.stage : item.stage === undefined);
      if (same) items.shift();
      if (item.stage !== undefined) lastStage = item.stage.name;
      lastNewsAt = now;
    },
    standing(): Pick<Standing, 'news' | 'repeatsItself' | 'lastNewsAt'> {
      const [first] = items;
      return {
        news: items.map(nameOf),
        repeatsItself: first !== undefined && 'stage' in first && first.stage.name === lastStage,
        lastNewsAt,
      };
    },
  };
}

const nameOf = (item: Item): Standing['news'][number] =>
  'stage' in item ? 'stage' : 'health' in item ? 'health' : 'container';
