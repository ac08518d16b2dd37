import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { Job } from '../../../domain/job/stream.ts';
import type { Alias, EventStore } from '../../../domain/kernel/event-store.ts';
import { jobId, runId } from '../../../domain/kernel/ids.ts';
import type { Instant } from '../../../domain/kernel/instant.ts';
import { change, type DomainEvent, type Provenance, type Stream } from '../../../domain/kernel/stream.ts';
import { Run } from '../../../domain/run/stream.ts';
import { golden } from '../../golden/golden-events.ts';

export const provenance: Provenance = { by: 'user:alice', causation: null, correlation: 'a-test' };

/** The n-th of ids that sort by time, as ULIDs do. */
export const ulid = (n: number): string => `01k9zv8q4m3x7r2t5w8y0${String(n).padStart(5, '0')}`;

/** Appends on top of whatever is there. */
export async function append<S, E extends DomainEvent>(
  store: EventStore,
  stream: Stream<S, E>,
  id: string,
  events: readonly E[],
  at: Instant,
  aliases: readonly Alias[] = [],
) {
  return store.append([change(await store.load(stream, id), events, at)], provenance, aliases);
}

export const fleetCreated = (project = 'main'): FleetEvent => ({ ...golden('FleetCreated'), project });
export const fleetLimit = (instances: number): FleetEvent => ({
  type: 'FleetLimitsChanged',
  limits: { instances },
});

export async function createFleet(store: EventStore, name: string, at: Instant, project = 'main') {
  await append(store, Fleet, name, [fleetCreated(project)], at);
}

/** A run with its one job, as a submission leaves them. */
export async function submitRun(store: EventStore, n: number, at: Instant, project = 'main') {
  const id = runId(ulid(n));
  const written = golden('RunSubmitted');
  const configuration = { ...written.configuration, nodes: 1, groups: null };
  const submitted = { ...written, configuration, id, project };
  await append(store, Run, id, [submitted], at);
  const { spec } = golden('JobQueued');
  await append(store, Job, jobId(id, 0), [{ type: 'JobQueued', spec: { ...spec, run: id, project } }], at);
}

export async function queueJob(store: EventStore, n: number, at: Instant, priority = 50) {
  const id = jobId(runId(ulid(n)), 0);
  const { spec } = golden('JobQueued');
  await append(store, Job, id, [{ type: 'JobQueued', spec: { ...spec, run: runId(ulid(n)), priority } }], at);
  return id;
}
