import { missed, sighted } from '../instance/decide.ts';
import { Instance } from '../instance/stream.ts';
import type { InstanceId } from '../kernel/ids.ts';
import { changesOf, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { departure } from './end-instance.ts';
import type { Coordination } from './move-job.ts';

/** The cloud's listing lacks it. Once proves nothing; again after the grace period, it is gone. */
export function recordMissed(on: Coordination, provenance: Provenance, id: InstanceId): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    const now = on.runtime.now();
    const events = instance.state ? missed(instance.state, now) : [];
    return {
      changes: events.length > 0 ? await departure(read, instance, events, now) : [],
      result: undefined,
    };
  });
}

/** It is listed (again). */
export function recordSighted(on: Coordination, provenance: Provenance, id: InstanceId): Promise<void> {
  return transact<void>(on, provenance, async (read) => {
    const instance = await read(Instance, id);
    const events = instance.state ? sighted(instance.state) : [];
    return {
      changes: changesOf(instance, events, on.runtime.now()),
      result: undefined,
    };
  });
}
