import { recordCarriedOut } from '../../domain/coordination/operate-fleet.ts';
import { operateInstance } from '../../domain/coordination/operate-instance.ts';
import { type FleetAction, nextAction } from '../../domain/fleet/next-action.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import type { Provenance, StreamRef } from '../../domain/kernel/stream.ts';
import type { Reactive } from './ports.ts';
import { provenanceOf } from './provenance.ts';
import { nothingRung, type Step } from './step.ts';

/** Looks at a fleet and does what comes next for it. */
export async function reactToFleet(on: Reactive, stream: StreamRef): Promise<Step[]> {
  const name = FleetName.parse(stream.id);
  const { state: fleet, version } = await on.store.load(Fleet, name);
  if (fleet === undefined) return [];
  const provenance = provenanceOf(on, stream, version, name);
  const action = nextAction(fleet, on.runtime.now());
  switch (action.kind) {
    case 'rest':
      return [];
    case 'serve-queue':
      return [{ kind: 'place', fleet: name, rung: nothingRung }];
    case 'tell-instances':
      await tellInstances(on, provenance, name, action);
      break;
    case 'tell-queue':
      break;
  }
  await recordCarriedOut(on, provenance, name, action.order);
  return [{ kind: 'place', fleet: name, rung: nothingRung }];
}

const AT_ONCE = 20;

/** One after the other by so many: what a crash cuts short is begun anew, and who has the order already is let be. */
async function tellInstances(
  on: Reactive,
  provenance: Provenance,
  name: FleetName,
  { to, instances, order }: Extract<FleetAction, { kind: 'tell-instances' }>,
): Promise<void> {
  const reason = order.reason === null ? `fleet ${name}` : `fleet ${name}: ${order.reason}`;
  for (let told = 0; told < instances.length; told += AT_ONCE)
    await Promise.all(
      instances
        .slice(told, told + AT_ONCE)
        // One that has ended meanwhile, or is about to, is what was asked for.
        .map((instance) => operateInstance(on, provenance, instance, { to, reason, by: order.by })),
    );
}
