import { FleetPlan } from '../../domain/api/fleet.ts';
import { departuresFrom } from '../../domain/coordination/roll-out.ts';
import { changesBetween } from '../../domain/fleet/changes.ts';
import type { FleetEvent } from '../../domain/fleet/events.ts';
import { missingNodes } from '../../domain/fleet/nodes.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import type { StoredFleet } from '../../domain/fleet/stored-fleet.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { Instance } from '../../domain/instance/stream.ts';
import type { FleetName } from '../../domain/kernel/ids.ts';
import { fold } from '../../domain/kernel/stream.ts';
import type { Api } from './context.ts';

/** What a configuration would do to a fleet and to the instances that it has now. `events`: what applying it records. */
export async function planFleet(
  api: Api,
  name: FleetName,
  { fleet, events }: { readonly fleet: FleetState | undefined; readonly events: readonly FleetEvent[] },
  configuration: StoredFleet,
): Promise<FleetPlan> {
  const [first] = events;
  const action = first === undefined ? 'nothing' : first.type === 'FleetCreated' ? 'create' : 'change';
  const instances = action === 'change' ? (fleet?.reservations ?? []).map(({ instance }) => instance) : [];
  const leaving = await departuresFrom(api.store, configuration, instances);
  const finished: FleetEvent = { type: 'RolloutFinished', leaving: [...leaving.keys()] };
  const after =
    action === 'nothing' ? undefined : fold(Fleet, fleet, [...events, finished], api.runtime.now());
  const shown = await Promise.all(
    [...leaving].map(async ([id, why]) => {
      const { state } = await api.store.load(Instance, id);
      return state === undefined ? [] : [{ ...(Instance.view(state, id) as object), why }];
    }),
  );
  return FleetPlan.parse({
    ...{ name, action, configuration },
    changes: changesBetween(action === 'create' ? null : (fleet?.configuration ?? null), configuration),
    leaving: shown.flat(),
    launches: after === undefined ? 0 : missingNodes(after),
  });
}
