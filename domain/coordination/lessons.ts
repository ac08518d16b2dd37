import { cancel } from '../fleet/decide.ts';
import { launchesThrottled, launchSucceeded, lesson } from '../fleet/refusals.ts';
import type { FleetState } from '../fleet/state.ts';
import { Fleet } from '../fleet/stream.ts';
import type { InstanceState } from '../instance/state.ts';
import type { Refusal } from '../job/events.ts';
import type { FleetName, InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Change, changesOf, fold } from '../kernel/stream.ts';
import type { Read } from '../kernel/transact.ts';
import { fleetMemories } from './fleet-memories.ts';
import type { Coordination } from './move-job.ts';

// What a fleet learns from EC2's answers to its launches, as its part of the append that records them.

export async function learnRefusal(
  { store }: Coordination,
  read: Read,
  { id, state }: { id: InstanceId; state: InstanceState },
  refusal: Refusal,
  now: Instant,
): Promise<Change[]> {
  const fleet = await read(Fleet, state.fleet);
  if (fleet.state === undefined) return [];
  // What counts against a quota is what all fleets have: read for that alone, which is seldom.
  const others = refusal.class === 'quota' ? await fleetMemories(store, state.fleet) : [];
  const freed = cancel(fleet.state, id);
  const without = fold(Fleet, fleet.state, freed, now) ?? fleet.state;
  const events = [...freed, ...lesson(without, others, state.offer, refusal, now)];
  return changesOf(fleet, events, now);
}

export async function learnThrottle(
  read: Read,
  name: FleetName,
  code: string,
  now: Instant,
): Promise<{ fleet: FleetState | undefined; lesson: Change[] }> {
  const fleet = await read(Fleet, name);
  const events = fleet.state ? launchesThrottled(fleet.state, code, now) : [];
  return {
    fleet: fold(Fleet, fleet.state, events, now),
    lesson: changesOf(fleet, events, now),
  };
}

export async function learnSuccess(
  read: Read,
  { fleet: name, offer }: InstanceState,
  now: Instant,
): Promise<Change[]> {
  const fleet = await read(Fleet, name);
  const events = fleet.state ? launchSucceeded(fleet.state, offer, now) : [];
  return changesOf(fleet, events, now);
}
