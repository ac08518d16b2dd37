import type { RunSummary } from '../../domain/api/run.ts';
import { shortImageId } from '../../domain/container/image-name.ts';
import { dollars } from '../../domain/kernel/dollars.ts';
import type { Output } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { ago, soon } from '../terminal/units.ts';
import { painted, retryText } from './status.ts';

/** A run, or one of its nodes where it has several. */
type Row = { readonly run: RunSummary; readonly node: RunSummary['jobs'][number] | null };

const rowsOf = (run: RunSummary): Row[] => [
  { run, node: null },
  ...(run.jobs.length > 1 ? run.jobs.map((node) => ({ run, node })) : []),
];

/** The runs as `sortie ps` shows them; `places`: of those that wait in a queue, by run. */
export function runTable(
  runs: readonly RunSummary[],
  { paint, width }: Output,
  now: number,
  places: ReadonlyMap<string, string>,
): string[] {
  const terms = ({ run, node }: Row) => node ?? run.jobs[0];
  const ids = shortIds(runs.map(({ id }) => id));
  const columns: Column<Row>[] = [
    {
      title: 'NAME',
      value: ({ run, node }) => (node ? `└ node ${node.index}` : run.name),
      paint: (text, { node }) => (node ? text : paint.bold(text)),
    },
    {
      title: 'STATUS',
      value: ({ run, node }) => (node ? nodeStatus(node) : statusText(run)),
      paint: (text, { run, node }) => painted((node ?? run).status, text, paint),
    },
    {
      title: 'ID',
      value: ({ run, node }) => (node ? '' : (ids.get(run.id) ?? run.id)),
      narrow: { drop: 7 },
      paint: paint.dim,
    },
    { title: 'INSTANCE TYPE', value: (row) => terms(row)?.instance_type ?? '', narrow: { drop: 5 } },
    { title: 'ZONE', value: (row) => terms(row)?.zone ?? '', narrow: { drop: 3 } },
    { title: 'MARKET', value: (row) => terms(row)?.spot ?? '', narrow: { drop: 2 } },
    {
      title: '$/H',
      value: ({ run, node }) => price(node ? [node] : run.jobs),
      align: 'right',
      narrow: { drop: 4 },
    },
    ...(runs.some(({ image }) => image !== null)
      ? [
          {
            title: 'IMAGE',
            value: imageText,
            narrow: { drop: 1 },
          },
        ]
      : []),
    {
      title: 'SUBMITTED',
      value: ({ run, node }) => (node ? '' : ago(run.submitted_at, now)),
      narrow: { drop: 6 },
    },
    {
      title: 'MESSAGE',
      value: ({ run, node }) => (node ? '' : soon(message(run, places), now)),
      narrow: 'wrap',
    },
  ];
  return table(columns, runs.flatMap(rowsOf), width());
}

// A ULID's first ten characters are its millisecond.
const SHORTEST = 10;

/** The beginning of each id that no other of them has. */
function shortIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const sorted = ids.toSorted();
  return new Map(
    sorted.map((id, n) => {
      const shared = Math.max(common(id, sorted[n - 1] ?? ''), common(id, sorted[n + 1] ?? ''));
      return [id, id.slice(0, Math.max(SHORTEST, shared + 1))];
    }),
  );
}

function common(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** The image by its name, and by the id of what ran; of several nodes, which may differ, each has its own. */
function imageText({ run, node }: Row): string {
  const ran = node ?? (run.jobs.length === 1 ? run.jobs[0] : undefined);
  const id = ran?.image_id ? shortImageId(ran.image_id) : '';
  if (node) return id;
  return [run.image ?? '', ...(id === '' ? [] : [`(${id})`])].join(' ').trim();
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
  const exit = jobs.find((job) => job.status === 'failed' && job.exit_status)?.exit_status;
  return status === 'failed' && exit ? `failed (${exit})` : status;
}

const nodeStatus = ({ status, exit_status }: RunSummary['jobs'][number]): string =>
  exit_status === null ? status : `${status} (${exit_status})`;

const price = (jobs: RunSummary['jobs']): string => {
  const known = jobs.flatMap((job) => job.price ?? []);
  return known.length === 0 ? '' : dollars(known.reduce((sum, one) => sum + one, 0));
};
