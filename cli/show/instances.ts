import type { InstanceSummary } from '../../domain/api/instance.ts';
import { dollars } from '../../domain/kernel/dollars.ts';
import { saidBy } from '../../domain/kernel/said-by.ts';
import type { Output } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { ago } from '../terminal/units.ts';
import { painted } from './status.ts';

/** The names of runs by their ids. */
export type RunNames = ReadonlyMap<string, string>;

export const namesOf = (runs: readonly { readonly id: string; readonly name: string }[]): RunNames =>
  new Map(runs.map(({ id, name }) => [id, name]));

export function instanceTable(
  instances: readonly InstanceSummary[],
  names: RunNames,
  { paint, width }: Output,
  now: number,
): string[] {
  const columns: Column<InstanceSummary>[] = [
    { title: 'INSTANCE', value: ({ ec2_id, id }) => ec2_id ?? id, paint: paint.bold },
    { title: 'FLEET', value: ({ fleet }) => fleet, narrow: { drop: 4 } },
    {
      title: 'STATUS',
      value: statusOf,
      paint: (text, { status }) => painted(status, text, paint),
    },
    { title: 'INSTANCE TYPE', value: ({ instance_type }) => instance_type, narrow: { drop: 7 } },
    { title: 'ZONE', value: ({ zone }) => zone, narrow: { drop: 2 } },
    { title: 'MARKET', value: ({ spot }) => spot, narrow: { drop: 3 } },
    { title: '$/H', value: ({ price }) => dollars(price), align: 'right', narrow: { drop: 5 } },
    { title: 'LAUNCHED', value: ({ requested_at }) => ago(requested_at, now), narrow: { drop: 6 } },
    { title: 'JOB', value: ({ jobs }) => jobs.map((job) => jobOf(job, names)).join(', '), narrow: 'wrap' },
    { title: 'BEHAVIOR', value: ({ behavior }) => behavior, narrow: { drop: 1 } },
    { title: 'REASON', value: reasonOf, narrow: 'wrap' },
  ];
  return table(columns, instances, width());
}

/** `2/4 busy`, as dstack has it, where it is cut into blocks. */
const statusOf = ({ status, busy_blocks, total_blocks }: InstanceSummary): string =>
  total_blocks > 1 && (status === 'busy' || status === 'idle')
    ? `${busy_blocks}/${total_blocks} busy`
    : status;

/** A job's id is its run's and its number. */
function jobOf(job: string, names: RunNames): string {
  const dash = job.lastIndexOf('-');
  const name = names.get(job.slice(0, dash));
  return name === undefined ? job : `${name} (job ${job.slice(dash + 1)})`;
}

/** Why it ends, and what an operator said of it: or Sortie itself, of a node that is ill. */
const reasonOf = ({ reason, operator }: InstanceSummary): string =>
  reason === 'ended_by_operator' && operator?.by === 'sortie'
    ? `drained ${saidBy(operator)}`
    : [...(reason ? [reason.replaceAll('_', ' ')] : []), ...(operator ? [saidBy(operator)] : [])].join(', ');
