import type { InstanceEvent } from '../instance/events.ts';
import { claimsOf, type InstanceState } from '../instance/state.ts';
import { refused } from '../job/decide.ts';
import type { Refusal } from '../job/events.ts';
import type { InstanceId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Change, change, type Loaded } from '../kernel/stream.ts';
import type { Read } from '../kernel/transact.ts';
import { learnRefusal } from './lessons.ts';
import { type Coordination, loadJob, moveJobs } from './move-job.ts';

export type LoadedInstance = Loaded<InstanceState, InstanceEvent>;

/**
 * The changes that follow from a refused launch: `events` of the instance, its place in the fleet is free, the fleet
 * remembers the refusal, and its jobs are in the queue again, under the same submission number.
 */
export async function afterRefusal(
  on: Coordination,
  read: Read,
  instance: LoadedInstance,
  events: readonly InstanceEvent[],
  why: Refusal,
  now: Instant,
): Promise<Change[]> {
  const { state } = instance;
  if (state === undefined || events.length === 0) return [];
  const id = instance.id as InstanceId;
  const jobs = await Promise.all(claimsOf(state).map(({ job }) => loadJob(read, job)));
  const turned = jobs.map((job) => ({
    job,
    events: job.state ? refused(job.state, id, state.offer, why, now) : [],
  }));
  return [
    change(instance, events, now),
    ...(await learnRefusal(on, read, { id, state }, why, now)),
    ...(await moveJobs(read, turned, now)),
  ];
}
