import { quotaHolds } from '../fleet/holds.ts';
import { memoryOf } from '../fleet/memory.ts';
import { claimsOf, type InstanceState, statusOf } from '../instance/state.ts';
import { Wait } from '../job/events.ts';
import { InstanceStatus } from '../kernel/status.ts';
import type { Labels, Sample, SampledFamily } from './family.ts';
import type { Snapshot } from './snapshot.ts';

/** What is so at this moment. Series whose labels have few values are always there, with 0 where there is nothing. */
export function gauges({ now, fleets, queue, instances }: Snapshot): SampledFamily[] {
  const jobs = queue.flatMap(({ phase, queued_at }) =>
    phase.kind === 'waiting' ? [{ reason: phase.wait?.kind ?? 'queued', queued_at }] : [],
  );
  const holds = quotaHolds(fleets.map(memoryOf), now);
  const placed = instances.flatMap((instance) => claimsOf(instance).map(() => placedOn(instance)));
  return [
    gauge('sortie_queue_entries', 'Unfinished jobs, by status and the type of the instance they have', [
      { labels: waitingLabels, value: jobs.length },
      ...counted(placed),
    ]),
    gauge(
      'sortie_queue_waiting_jobs',
      'Jobs without an instance, by what they wait for; queued: not looked at yet',
      reasons.map((reason) => ({
        labels: { reason },
        value: jobs.filter((job) => job.reason === reason).length,
      })),
    ),
    single(
      'sortie_queue_not_allocated_over_quota',
      "Jobs that wait because EC2's quota is used up",
      jobs.filter(({ reason }) => reason === 'quota').length,
    ),
    single(
      'sortie_queue_longest_wait_seconds',
      'How long ago the oldest of the jobs without an instance was queued',
      jobs.reduce((longest, { queued_at }) => Math.max(longest, now - queued_at), 0) / 1_000,
    ),
    single('sortie_at_quota', "1 while EC2's quota holds launches back", holds.length > 0 ? 1 : 0),
    gauge('sortie_instances', 'Instances, by status, type and market', counted(instances.map(kindOf))),
    gauge(
      'sortie_instances_price_dollars_per_hour',
      'What the instances cost together, without disk and traffic, by status',
      statuses.map((state) => ({
        labels: { state },
        value: price(instances.filter((instance) => statusOf(instance) === state)),
      })),
    ),
  ];
}

// One that backs off before it is tried again is in no queue.
const reasons = ['queued', ...Wait.shape.kind.exclude(['retry']).options];
const statuses = InstanceStatus.options.filter((status) => status !== 'terminated');
const waitingLabels = { state: 'submitted', instance_type: 'none' };

/** As its job's status is, as far as the instance tells: one that is ready runs it, or is about to. */
const placedOn = (instance: InstanceState): Labels => ({
  state: statusOf(instance) === 'busy' ? 'running' : 'provisioning',
  instance_type: instance.offer.instance_type,
});

const kindOf = (instance: InstanceState): Labels => ({
  state: statusOf(instance),
  instance_type: instance.offer.instance_type,
  market: instance.offer.spot,
});

// To EC2's six decimals: sums of prices have more, and none of them mean anything.
const price = (instances: readonly InstanceState[]): number =>
  Math.round(instances.reduce((sum, { offer }) => sum + offer.price, 0) * 1e6) / 1e6;

/** How many there are of each, in order. */
function counted(all: readonly Labels[]): Sample[] {
  const samples = new Map<string, { labels: Labels; value: number }>();
  for (const labels of all) {
    const key = Object.values(labels).join(' ');
    samples.set(key, { labels, value: (samples.get(key)?.value ?? 0) + 1 });
  }
  return [...samples].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sample]) => sample);
}

const gauge = (name: string, help: string, samples: readonly Sample[]): SampledFamily => ({
  type: 'gauge',
  name,
  help,
  samples,
});

const single = (name: string, help: string, value: number): SampledFamily =>
  gauge(name, help, [{ labels: {}, value }]);
