import { parseFleet } from '../../../domain/configuration/fleet.ts';
import { configure } from '../../../domain/fleet/apply.ts';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { storedFleet } from '../../../domain/fleet/stored-fleet.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import type { InstanceEvent } from '../../../domain/instance/events.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import type { JobEvent, JobSpec } from '../../../domain/job/events.ts';
import { Job } from '../../../domain/job/stream.ts';
import { instanceId, jobId, runId } from '../../../domain/kernel/ids.ts';
import type { PreparedCatalogue } from '../../../domain/planning/prepared.ts';
import { plannerOver } from '../../../domain/scheduling/catalogue-planner.ts';
import type { Decision } from '../../../domain/scheduling/decision.ts';
import { schedule } from '../../../domain/scheduling/schedule.ts';
import type { Pooled, Snapshot, Waiting } from '../../../domain/scheduling/snapshot.ts';
import { FLEET, given, offer, spec, T0 } from '../given.ts';

export const id = (n: number) => String(n).padStart(26, '0');

/** The n-th that came. */
export const waiting = (n: number, fields: Partial<JobSpec> = {}, ...events: JobEvent[]): Waiting => ({
  id: jobId(runId(id(n)), 0),
  state: { ...given(Job, { type: 'JobQueued', spec: spec(fields) }, ...events), queued_at: T0 + n },
});

const claimed = (n: number) => ({ job: jobId(runId(id(900 + n)), 0), submission: 0 });

/** With `events` behind its beginning. */
export const begun = (n: number, terms = offer(), ...events: InstanceEvent[]): Pooled => {
  const requested: InstanceEvent = {
    ...{ type: 'InstanceRequested', fleet: FLEET, project: 'main', offer: terms, claim: claimed(n) },
    ...{ nonce: 'n', idle_duration: 300, tags: {} },
  };
  return { id: instanceId(id(n)), state: given(Instance, requested, ...events) };
};

/** How far an instance has come: so many of the events behind its beginning. */
const lives = { requested: 0, busy: 2, idle: 3, terminating: 4 };
export type Life = keyof typeof lives;

export const instance = (n: number, life: Life, terms = offer()): Pooled => {
  const events: InstanceEvent[] = [
    { type: 'InstanceLaunched', ec2: `i-${n}` },
    { type: 'InstanceReady' },
    { type: 'InstanceReleased', claim: claimed(n) },
    { type: 'TerminationRequested', reason: 'made_room' },
  ];
  return begun(n, terms, ...events.slice(0, lives[life]));
};
export const released = (n: number): InstanceEvent => ({ type: 'InstanceReleased', claim: claimed(n) });

/** That nobody has configured, of 20 instances at most. */
export const fleet = (...events: FleetEvent[]) =>
  given(Fleet, { type: 'FleetCreated', project: 'main', limits: { instances: 20 } }, ...events);

export const reserved = (count: number, terms = offer()): FleetEvent[] =>
  Array.from({ length: count }, (_, n) => ({
    type: 'LaunchReserved',
    instance: instanceId(id(800 + n)),
    job: jobId(runId(id(800 + n)), 0),
    submission: 0,
    offer: terms,
  }));

/** As somebody has configured it. */
export function configured(fields: Record<string, unknown>, ...events: FleetEvent[]) {
  const read = parseFleet({ type: 'fleet', name: 'shared', ...fields });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const applied = configure(undefined, 'main', storedFleet(read.value, 20));
  if (!applied.ok) throw new Error('refused');
  return given(Fleet, ...applied.value, ...events);
}

/** Over nothing, but for what a snapshot has. */
export const passOver =
  (catalogue: PreparedCatalogue) =>
  (snapshot: Partial<Snapshot>): Decision[] =>
    schedule(
      {
        ...{ queue: [], runs: new Map(), pool: [], fleet: undefined, others: [] },
        ...{ limit: 20, launches: 20, now: T0, ...snapshot },
      },
      plannerOver(catalogue, null, 1.5),
    );

export const kinds = (decisions: readonly Decision[]) => decisions.map(({ kind }) => kind);
