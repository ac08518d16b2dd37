import type { InstanceSummary } from '../../domain/api/instance.ts';
import { saidBy } from '../../domain/kernel/said-by.ts';
import type { Output } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { ago, dollars } from '../terminal/units.ts';
import { painted } from './status.ts';

export function instanceTable(
  instances: readonly InstanceSummary[],
  { paint, width }: Output,
  now: number,
): string[] {
  const columns: Column<InstanceSummary>[] = [
    { title: 'INSTANCE', value: ({ ec2_id, id }) => ec2_id ?? id, paint: paint.bold },
    { title: 'FLEET', value: ({ fleet }) => fleet, narrow: 'drop' },
    {
      title: 'STATUS',
      value: statusOf,
      paint: (text, { status }) => painted(status, text, paint),
    },
    { title: 'INSTANCE TYPE', value: ({ instance_type }) => instance_type },
    { title: 'ZONE', value: ({ zone }) => zone, narrow: 'drop' },
    { title: 'MARKET', value: ({ spot }) => spot, narrow: 'drop' },
    { title: '$/H', value: ({ price }) => dollars(price), align: 'right' },
    { title: 'LAUNCHED', value: ({ requested_at }) => ago(requested_at, now) },
    { title: 'JOB', value: ({ jobs }) => jobs.join(', '), narrow: 'drop' },
    { title: 'BEHAVIOR', value: ({ behavior }) => behavior, narrow: 'drop' },
    { title: 'REASON', value: reasonOf, narrow: 'cut' },
  ];
  return table(columns, instances, width());
}

/** `2/4 busy`, as dstack has it, where it is cut into blocks. */
const statusOf = ({ status, busy_blocks, total_blocks }: InstanceSummary): string =>
  total_blocks > 1 && (status === 'busy' || status === 'idle')
    ? `${busy_blocks}/${total_blocks} busy`
    : status;

/** Why it ends, and what an operator said of it. */
const reasonOf = ({ reason, operator }: InstanceSummary): string =>
  [...(reason ? [reason.replaceAll('_', ' ')] : []), ...(operator ? [saidBy(operator)] : [])].join(', ');
