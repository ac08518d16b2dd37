import type { FleetDetail, FleetPlan } from '../../domain/api/fleet.ts';
import type { FleetList } from '../../domain/api/instance.ts';
import { fieldsOf } from '../../domain/fleet/changes.ts';
import { dollars } from '../../domain/kernel/dollars.ts';
import { saidBy } from '../../domain/kernel/said-by.ts';
import type { Output, Paint } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { ago, counted } from '../terminal/units.ts';
import { instanceTable, type RunNames } from './instances.ts';

type Fleet = FleetList['fleets'][number];

export function fleetTable(fleets: readonly Fleet[], { paint, width }: Output, now: number): string[] {
  const columns: Column<Fleet>[] = [
    { title: 'FLEET', value: ({ name }) => name, paint: paint.bold },
    {
      title: 'INSTANCES',
      value: ({ instances, limits }) => `${instances} of ${limits.instances}`,
      align: 'right',
    },
    { title: '$/H', value: ({ price, limits }) => costOf(price, limits.price_per_hour), align: 'right' },
    {
      title: 'VCPUS',
      value: ({ vcpus, limits }) => ofAtMost(vcpus, limits.vcpus),
      align: 'right',
      narrow: { drop: 5 },
    },
    { title: 'SPENT', value: ({ spent }) => dollars(spent), align: 'right', narrow: { drop: 7 } },
    { title: 'COMMITTED', value: ({ committed }) => dollars(committed), align: 'right', narrow: { drop: 3 } },
    {
      title: 'BUDGET',
      value: ({ limits: { budget } }) => (budget === null ? 'none' : dollars(budget)),
      align: 'right',
      narrow: { drop: 4 },
    },
    { title: 'STATUS', value: ({ status }) => status, narrow: { drop: 6 } },
    { title: 'CREATED', value: ({ created_at }) => ago(created_at, now), narrow: { drop: 2 } },
    { title: 'ADMISSION', value: ({ admission }) => admitted(admission), narrow: 'wrap' },
    { title: 'REFUSED LATELY', value: (fleet) => refused(fleet, now), narrow: 'wrap' },
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

const ofAtMost = (used: number, limit: number | null): string =>
  limit === null ? String(used) : `${used} of ${limit}`;
const costOf = (cost: number, limit: number | null): string =>
  limit === null ? dollars(cost) : `${dollars(cost)} of ${dollars(limit)}`;

/** A fleet by itself: its limits, what it was configured to, its instances and the runs that use it. */
export function fleetLines(fleet: FleetDetail, names: RunNames, output: Output, now: number): string[] {
  const { configuration, pool, runs, spent, committed, limits } = fleet;
  const money =
    limits.budget === null
      ? []
      : [
          `  budget: ${dollars(spent)} spent and ${dollars(committed)} committed, of ${dollars(limits.budget)}`,
        ];
  return [
    ...fleetTable([fleet], output, now),
    ...money,
    ...placementLine(fleet),
    '',
    ...(configuration === null
      ? ['Nobody has configured it: it has the deployment’s limit.']
      : fieldsOf(configuration).map(([field, value]) => `  ${field}: ${value}`)),
    '',
    ...(pool.length > 0 ? instanceTable(pool, names, output, now) : ['It has no instance.']),
    ...(runs.length > 0 ? ['', `${counted(runs.length, 'run')}: ${runs.join(', ')}`] : []),
  ];
}

function placementLine({ placement_group: group }: FleetDetail): string[] {
  if (group === null) return [];
  switch (group.status) {
    case 'requested':
      return ['  placement group: is being created'];
    case 'created':
      return [`  placement group: ${group.name}, ${group.zone ? `in ${group.zone}` : 'without an instance'}`];
    case 'released':
      return ['  placement group: is being deleted'];
  }
}

/** What applying would do: field by field, and to the instances that are there. */
export function fleetPlanLines(plan: FleetPlan, paint: Paint): string[] {
  const { leaving, launches } = plan;
  return [
    ...fieldLines(plan, paint),
    ...(leaving.length > 0
      ? [
          `${counted(leaving.length, 'instance')} will be drained: each ends once its jobs have`,
          ...leaving.flatMap((one) => [paint.red(`  - ${leavingLine(one)}`), `    ${one.why}`]),
        ]
      : []),
    ...(launches > 0 ? [`${counted(launches, 'node')} will be launched, within the limits`] : []),
  ];
}

const leavingLine = ({ id, ec2_id, instance_type, zone, status, jobs }: FleetPlan['leaving'][number]) =>
  `${ec2_id ?? id} (${instance_type} in ${zone}, ${status}${jobs.length > 0 ? `, ${counted(jobs.length, 'job')}` : ''})`;

function fieldLines({ name, action, changes }: FleetPlan, paint: Paint): string[] {
  switch (action) {
    case 'nothing':
      return [`fleet ${name} is like this already`];
    case 'create':
      return [
        `fleet ${name} will be created:`,
        ...changes.map(({ field, to }) => paint.green(`  + ${field}: ${to}`)),
      ];
    case 'change':
      return [
        `fleet ${name} will be changed:`,
        ...changes.flatMap(({ field, from, to }) => [
          ...(from === null ? [] : [paint.red(`  - ${field}: ${from}`)]),
          ...(to === null ? [] : [paint.green(`  + ${field}: ${to}`)]),
        ]),
      ];
  }
}
