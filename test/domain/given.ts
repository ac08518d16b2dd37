import { parseConfiguration } from '../../domain/configuration/task.ts';
import type { JobSpec } from '../../domain/job/events.ts';
import {
  FleetName,
  type InstanceId,
  instanceId,
  type JobId,
  jobId,
  type RunId,
  runId,
} from '../../domain/kernel/ids.ts';
import type { Result } from '../../domain/kernel/result.ts';
import type { DomainEvent, Stream } from '../../domain/kernel/stream.ts';
import { fold } from '../../domain/kernel/stream.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';
import type { StoredTask } from '../../domain/run/events.ts';
import { requirementsOf, storedTask } from '../../domain/run/stored-task.ts';

// Plain values for tests: one run with one job on one instance.

export const T0 = Date.parse('2026-11-20T12:00:00Z');
export const RUN: RunId = runId('01j0000000000000000000rvn1');
export const JOB: JobId = jobId(RUN, 0);
export const INSTANCE: InstanceId = instanceId('01j0000000000000000000nst1');
export const FLEET = FleetName.parse('default');

function must<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export const task = (fields: Record<string, unknown> = {}): StoredTask =>
  storedTask(must(parseConfiguration({ type: 'task', commands: ['true'], ...fields })));

export const requirements = (fields: Record<string, unknown> = {}) =>
  requirementsOf(must(parseConfiguration({ type: 'task', commands: ['true'], ...fields })));

export function spec(fields: Partial<JobSpec> = {}): JobSpec {
  const { priority, creation_policy, stop_duration, idle_duration, tags, retry } = task();
  return {
    run: RUN,
    run_name: 'brisk-otter-1',
    index: 0,
    project: 'main',
    fleet: FLEET,
    requirements: requirements(),
    priority,
    creation_policy,
    stop_duration,
    idle_duration,
    tags,
    retry,
    nodes: 1,
    fleets: [],
    ...fields,
  };
}

/** As offers were before their price had parts. */
export const UNPARTED = {
  ...{ price_parts: null, on_demand_price: null, spot_max_price: null, cpu_credits: null },
};

export const offer = (fields: Partial<OfferTerms> = {}): OfferTerms => ({
  instance_type: 'm7i.large',
  region: 'us-east-1',
  zone: 'us-east-1a',
  spot: 'on-demand',
  price: 0.1008,
  resources: { cpus: 2, memory_mib: 8192, gpus: [], disk_gib: 100, arch: 'x86_64' },
  ...UNPARTED,
  ...fields,
});

export const bundle = { key: 'submissions/x/1.json', token_sha256: 'a'.repeat(64) };

/** The state that these events lead to, each a second after the one before. */
export function given<S, E extends DomainEvent>(stream: Stream<S, E>, ...events: E[]): S {
  const state = events.reduce<S | undefined>(
    (folded, event, n) => fold(stream, folded, [event], T0 + n * 1_000),
    undefined,
  );
  if (state === undefined) throw new Error('given nothing');
  return state;
}

export const types = (events: readonly DomainEvent[]): string[] => events.map(({ type }) => type);
