import type { Queue } from '../../domain/api/queue.ts';
import { placeText } from '../../domain/queue/place.ts';
import type { Output } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { elapsed, soon } from '../terminal/units.ts';

type Queued = Queue['waiting'][number];
type Promised = Queue['promised'][number];

/** Who waits in line, then who waits for an instance on its way. */
export function queueLines({ waiting, promised, more }: Queue, output: Output, now: number): string[] {
  if (waiting.length + promised.length === 0)
    return [
      'Nobody waits for an instance. What runs, or is tried again later: sortie ps   What could: sortie offer',
    ];
  return [
    ...(waiting.length === 0 ? [] : table(waitingColumns(output, now), waiting, output.width())),
    ...more.map((fleet) => output.paint.dim(`… and more in fleet ${fleet}: only the first 500 are listed`)),
    ...(waiting.length > 0 && promised.length > 0 ? [''] : []),
    ...(promised.length === 0 ? [] : table(promisedColumns(output, now), promised, output.width())),
  ];
}

const since = ({ since: at }: { readonly since: string }, now: number): string =>
  elapsed(Math.floor((now - Date.parse(at)) / 1_000) * 1_000);

const waitingColumns = ({ paint }: Output, now: number): Column<Queued>[] => [
  { title: 'PLACE', value: placeText, align: 'right' },
  { title: 'RUN', value: ({ run_name }) => run_name, paint: paint.bold },
  { title: 'FLEET', value: ({ fleet }) => fleet, narrow: { drop: 2 } },
  { title: 'PRIORITY', value: ({ priority }) => String(priority), align: 'right', narrow: { drop: 3 } },
  { title: 'WAITS', value: (job) => since(job, now), align: 'right' },
  { title: 'FOR', value: ({ message }) => soon(message, now), narrow: 'wrap' },
  { title: 'ASKS FOR', value: ({ asked }) => asked, narrow: { drop: 1 } },
];

const promisedColumns = ({ paint }: Output, now: number): Column<Promised>[] => [
  { title: 'RUN', value: ({ run_name }) => run_name, paint: paint.bold },
  { title: 'FLEET', value: ({ fleet }) => fleet, narrow: { drop: 2 } },
  { title: 'INSTANCE', value: ({ ec2_id, instance }) => ec2_id ?? instance },
  { title: 'WAITS', value: (job) => since(job, now), align: 'right' },
  { title: 'FOR', value: ({ message }) => soon(message, now), narrow: 'wrap' },
];
