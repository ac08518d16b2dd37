import {
  departuresFrom,
  followFleet,
  recordRolledOut,
  recordTagged,
} from '../../domain/coordination/roll-out.ts';
import type { Upkeep } from '../../domain/fleet/upkeep.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { retagOf } from '../../domain/instance/tags.ts';
import type { FleetName, InstanceId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import type { Provenance } from '../../domain/kernel/stream.ts';
import type { Reactive } from './ports.ts';
import { nothingRung, type Step } from './step.ts';

const AT_ONCE = 20;

/** A fleet's configuration reaches the instances that it has. Cut short by a crash it is begun anew. */
export async function rollOut(
  on: Reactive,
  provenance: Provenance,
  name: FleetName,
  { configuration, instances }: Extract<Upkeep, { kind: 'roll-out' }>,
): Promise<Step[]> {
  const leaving = await departuresFrom(on.store, configuration, instances);
  for (let told = 0; told < instances.length; told += AT_ONCE)
    await Promise.all(
      instances
        .slice(told, told + AT_ONCE)
        .map((id) => followFleet(on, provenance, id, { configuration, leaves: leaving.get(id) ?? null })),
    );
  await recordRolledOut(on, provenance, name, { configuration, leaving: [...leaving.keys()] });
  return [{ kind: 'place', fleet: name, rung: nothingRung }];
}

/** EC2 learns of an instance's tags. Nothing else waits for it: a tag that EC2 does not take is sent again. */
export async function keepTags(
  on: Reactive,
  provenance: Provenance,
  id: InstanceId,
  instance: InstanceState,
): Promise<Step[]> {
  const wanted = retagOf(instance);
  if (wanted === null) return [];
  const stream = { name: 'Instance' as const, id };
  try {
    const outcome = await on.cloud.retag(wanted.ec2, wanted);
    if (outcome === 'tagged') await recordTagged(on, provenance, id, wanted);
    // One that is gone ends by itself; too new for EC2 to know, it is tagged later.
    else await on.store.remind(stream, on.runtime.now() + MINUTE);
    return [];
  } catch (error) {
    return [{ kind: 'failed', stream, error }];
  }
}
