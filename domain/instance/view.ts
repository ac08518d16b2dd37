import { iso } from '../kernel/instant.ts';
import { busyBlocks } from './claims.ts';
import { claimsOf, ec2Of, type InstanceState, statusOf } from './state.ts';

/** What lists show of an instance. The API's schema `InstanceSummary` has the same fields. */
export function summary(instance: InstanceState, id: string) {
  const jobs = claimsOf(instance).map(({ job }) => job);
  return {
    id,
    ec2_id: ec2Of(instance),
    fleet: instance.fleet,
    status: statusOf(instance),
    reason:
      instance.phase.kind === 'terminating' || instance.phase.kind === 'terminated'
        ? instance.phase.reason
        : null,
    instance_type: instance.offer.instance_type,
    zone: instance.offer.zone,
    region: instance.offer.region,
    spot: instance.offer.spot,
    price: instance.offer.price,
    behavior: instance.withheld?.behavior ?? 'run',
    health: instance.health,
    operator: instance.withheld ? { by: instance.withheld.by, reason: instance.withheld.reason } : null,
    job: jobs[0] ?? null,
    jobs,
    busy_blocks: busyBlocks(instance),
    total_blocks: instance.blocks,
    requested_at: iso(instance.requested_at),
  };
}
