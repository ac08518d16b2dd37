import type { RunSummary } from '../../domain/api/run.ts';
import type { Output } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { ago, dollars } from '../terminal/units.ts';
import { painted, retryText } from './status.ts';

/** The runs as `sortie ps` shows them; `places`: of those that wait in a queue, by run. */
export function runTable(
  runs: readonly RunSummary[],
  { paint, width }: Output,
  now: number,
  places: ReadonlyMap<string, string>,
): string[] {
  const first = ({ jobs }: RunSummary) => jobs[0];
  const columns: Column<RunSummary>[] = [
    { title: 'NAME', value: ({ name }) => name, paint: paint.bold },
    { title: 'STATUS', value: statusText, paint: (text, { status }) => painted(status, text, paint) },
    { title: 'INSTANCE TYPE', value: (run) => first(run)?.instance_type ?? '', narrow: 'drop' },
    { title: 'ZONE', value: (run) => first(run)?.zone ?? '', narrow: 'drop' },
    { title: 'MARKET', value: (run) => first(run)?.spot ?? '', narrow: 'drop' },
    { title: '$/H', value: (run) => price(run), align: 'right', narrow: 'drop' },
    ...(runs.some(({ image }) => image !== null)
      ? [{ title: 'IMAGE', value: ({ image }: RunSummary) => image ?? '', narrow: 'drop' as const }]
      : []),
    { title: 'SUBMITTED', value: ({ submitted_at }) => ago(submitted_at, now) },
    { title: 'MESSAGE', value: (run) => message(run, places), narrow: 'cut' },
  ];
  return table(columns, runs, width());
}

function message(run: RunSummary, places: ReadonlyMap<string, string>): string {
  const place = places.get(run.id);
  return [
    ...(place === undefined ? [] : [`place ${place}`]),
    ...(run.message === null ? [] : [run.message]),
  ].join(': ');
}

function statusText({ status, jobs, finished_at }: RunSummary): string {
  if (finished_at === null) return `${status}${retryText(jobs[0]?.submission)}`;
  const exit = jobs.find(({ exit_status }) => exit_status)?.exit_status;
  return status === 'failed' && exit ? `failed (${exit})` : status;
}

const price = ({ jobs }: RunSummary): string => {
  const known = jobs.flatMap((job) => job.price ?? []);
  return known.length === 0 ? '' : dollars(known.reduce((sum, one) => sum + one, 0));
};
