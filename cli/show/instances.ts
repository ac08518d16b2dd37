import type { FleetList, InstanceSummary } from '../../domain/api/instance.ts';
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
      value: ({ status }) => status,
      paint: (text, { status }) => painted(status, text, paint),
    },
    { title: 'INSTANCE TYPE', value: ({ instance_type }) => instance_type },
    { title: 'ZONE', value: ({ zone }) => zone, narrow: 'drop' },
    { title: 'MARKET', value: ({ spot }) => spot, narrow: 'drop' },
    { title: '$/H', value: ({ price }) => dollars(price), align: 'right' },
    { title: 'LAUNCHED', value: ({ requested_at }) => ago(requested_at, now) },
    { title: 'JOB', value: ({ job }) => job ?? '', narrow: 'drop' },
    { title: 'BEHAVIOR', value: ({ behavior }) => behavior, narrow: 'drop' },
    { title: 'REASON', value: reasonOf, narrow: 'cut' },
  ];
  return table(columns, instances, width());
}

/** Why it ends, and what an operator said of it. */
const reasonOf = ({ reason, operator }: InstanceSummary): string =>
  [...(reason ? [reason.replaceAll('_', ' ')] : []), ...(operator ? [saidBy(operator)] : [])].join(', ');

type Fleet = FleetList['fleets'][number];

export function fleetTable(fleets: readonly Fleet[], { paint, width }: Output, now: number): string[] {
  const columns: Column<Fleet>[] = [
    { title: 'FLEET', value: ({ name }) => name, paint: paint.bold },
    {
      title: 'INSTANCES',
      value: ({ instances, limits }) => `${instances} of ${limits.instances}`,
      align: 'right',
    },
    { title: '$/H', value: ({ price }) => dollars(price), align: 'right' },
    { title: 'CREATED', value: ({ created_at }) => ago(created_at, now) },
    { title: 'ADMISSION', value: ({ admission }) => admitted(admission), narrow: 'cut' },
    { title: 'REFUSED LATELY', value: (fleet) => refused(fleet, now), narrow: 'cut' },
  ];
  return table(columns, fleets, width());
}

const admitted = ({ status, by, reason }: Fleet['admission']): string =>
  by === null ? status : `${status} ${saidBy({ by, reason })}`;

/** What EC2 said no to, for as long as it is not asked again. */
function refused({ unavailable, quotas }: Fleet, now: number): string {
  const held = <T extends { until: string }>(all: readonly T[]) =>
    all.filter(({ until }) => Date.parse(until) > now);
  return [
    ...held(quotas).map(({ code, family, spot }) => `${code} (${family}, ${spot})`),
    ...held(unavailable).map(
      ({ code, instance_type, zone, spot }) => `${code} (${instance_type} ${zone} ${spot})`,
    ),
  ].join(', ');
}
