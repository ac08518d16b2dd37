import { memoryOf } from '../../domain/fleet/memory.ts';
import { mayLeave } from '../../domain/fleet/nodes.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import { termsFor } from '../../domain/fleet/terms.ts';
import { freeBlocks } from '../../domain/instance/claims.ts';
import { isReady } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import type { JobSpec } from '../../domain/job/events.ts';
import type { FleetName, InstanceId } from '../../domain/kernel/ids.ts';
import { type Plan, planOffers } from '../../domain/planning/plan.ts';
import { contextOf, idleOffer } from '../../domain/scheduling/plan-context.ts';
import { otherFleets } from '../react/other-fleets.ts';
import type { Api } from './context.ts';

/** What a fleet would give to a job now. */
export async function planIn(
  api: Api,
  { name, state }: { readonly name: FleetName; readonly state: FleetState | undefined },
  job: Pick<JobSpec, 'fleet' | 'requirements' | 'stop_duration' | 'creation_policy'>,
  limit: number,
): Promise<Plan> {
  const [pool, others, catalogue] = await Promise.all([
    api.store.work(Instance, poolOf(name), 500),
    otherFleets(api, name),
    api.catalogue.current(),
  ]);
  const idle = pool.flatMap(({ id, state: instance }) =>
    instance && isReady(instance) && freeBlocks(instance).length > 0
      ? [idleOffer({ id: id as InstanceId, state: instance })]
      : [],
  );
  const context = contextOf([...(state ? [memoryOf(state)] : []), ...others], api.zones, api.runtime.now());
  const terms = termsFor(state, job);
  // A pass compares the two only where it may launch, and where the idle one would not stay anyway.
  const most = state?.configuration?.limits.instances ?? api.fleetInstances;
  const launches = job.creation_policy !== 'reuse' && (state?.reservations.length ?? 0) < most;
  const keepsAll = state !== undefined && !mayLeave(state);
  const price_factor = launches && !keepsAll ? api.priceFactor : null;
  return planOffers(catalogue, job.requirements, {
    ...context,
    terms,
    idle,
    price_factor,
    launch_factor: api.priceFactor,
    limit,
  });
}
