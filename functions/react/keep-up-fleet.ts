import { endInstance } from '../../domain/coordination/end-instance.ts';
import { orderNode } from '../../domain/coordination/order-node.ts';
import { memoryOf } from '../../domain/fleet/memory.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { nodeRequest, termsFor } from '../../domain/fleet/terms.ts';
import { nextUpkeep, overdueIn } from '../../domain/fleet/upkeep.ts';
import { FleetName, instanceId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import type { Provenance, StreamRef } from '../../domain/kernel/stream.ts';
import { planOffers } from '../../domain/planning/plan.ts';
import { contextOf } from '../../domain/scheduling/plan-context.ts';
import { otherFleets } from './other-fleets.ts';
import { deleteGroup } from './placement-group.ts';
import type { Reactive } from './ports.ts';
import { provenanceOf } from './provenance.ts';
import { rollOut } from './roll-out.ts';
import { type Step, visitStep } from './step.ts';

const messages = {
  fleet_deleted: 'its fleet was deleted',
  budget_spent: 'what its fleet’s budget had committed for it is used up',
} as const;

/** Looks at a fleet and does what comes next for it. */
export async function keepUpFleet(on: Reactive, stream: StreamRef): Promise<Step[]> {
  const { state: fleet, version } = await on.store.load(Fleet, stream.id);
  if (fleet === undefined) return [];
  const action = nextUpkeep(fleet, on.runtime.now());
  switch (action.kind) {
    case 'rest':
      return [];
    case 'delete-group': {
      const name = FleetName.parse(stream.id);
      const again = await deleteGroup(on, provenanceOf(on, stream, version, stream.id), name);
      if (again !== null) await on.store.remind(stream, on.runtime.now() + again);
      return [];
    }
    case 'roll-out':
      return rollOut(on, provenanceOf(on, stream, version, stream.id), FleetName.parse(stream.id), action);
    case 'order':
      return orderNodes(on, stream, fleet, action.nodes, provenanceOf(on, stream, version, stream.id));
    case 'end-instances': {
      const { instances, reason } = action;
      const provenance = provenanceOf(on, stream, version, stream.id);
      await Promise.all(
        instances.map((id) =>
          endInstance(on, provenance, id, {
            reason,
            message: messages[reason],
            // The next job may have it meanwhile, and pays for it.
            whileFleet: (now) => overdueIn(now, on.runtime.now()).includes(id),
          }),
        ),
      );
      // One that EC2 has not answered for yet cannot be ended before its answer.
      await on.store.remind(stream, on.runtime.now() + MINUTE);
      return [];
    }
  }
}

/** Launches what the fleet is to keep without a job, of the best offer there is; what cannot be had is asked for again. */
async function orderNodes(
  on: Reactive,
  stream: StreamRef,
  fleet: FleetState,
  nodes: number,
  provenance: Provenance,
): Promise<Step[]> {
  const fleetName = FleetName.parse(stream.id);
  const now = on.runtime.now();
  const steps: Step[] = [];
  const asked = fleet.configuration && {
    ...{ fleet: fleetName, stop_duration: null },
    requirements: nodeRequest(fleet.configuration),
  };
  const memories = [memoryOf(fleet), ...(await otherFleets(on, fleetName))];
  const context = { ...contextOf(memories, on.settings.zones, now), terms: asked && termsFor(fleet, asked) };
  const offer = asked && planOffers(await on.catalogue.current(), asked.requirements, context).offers[0];
  while (offer && steps.length < nodes) {
    const instance = instanceId(on.runtime.ulid());
    const nonce = on.runtime.secret().value;
    if ((await orderNode(on, provenance, { fleet: fleetName, instance, offer, nonce })) !== 'ordered') break;
    // Whoever orders it launches it, as with a job's.
    steps.push(visitStep('Instance', instance, 'due'));
  }
  if (steps.length < nodes) await on.store.remind(stream, now + MINUTE);
  return steps;
}
