import type { JobSpec } from '../job/events.ts';
import type { JobState } from '../job/state.ts';
import { Job } from '../job/stream.ts';
import type { Alias, EventStore } from '../kernel/event-store.ts';
import type { FleetName, RunId } from '../kernel/ids.ts';
import { jobId } from '../kernel/ids.ts';
import { unfolded } from '../kernel/refold.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { change, type Provenance } from '../kernel/stream.ts';
import { type Read, transact } from '../kernel/transact.ts';
import type { InQueue } from '../queue/place.ts';
import type { Code } from '../run/code.ts';
import type { StoredTask } from '../run/events.ts';
import { groupOf } from '../run/groups.ts';
import type { RunState } from '../run/state.ts';
import { Run } from '../run/stream.ts';
import type { Coordination } from './move-job.ts';
import { runName } from './run-name.ts';

export interface Submission {
  readonly id: RunId;
  /** Absent: one is made up. */
  readonly name: string | undefined;
  readonly project: string;
  readonly user: string;
  readonly fleet: FleetName;
  /** Where it may go, if not to that one alone. */
  readonly fleets?: readonly FleetName[];
  readonly configuration: StoredTask;
  readonly fingerprint: string;
  readonly seal: string;
  readonly code: Code | null;
  /** The key of the `idempotency-key` alias. Absent: the request cannot be repeated. */
  readonly idempotencyKey?: string;
}

export type SubmitRefusal =
  | { readonly kind: 'name-taken'; readonly name: string; readonly run: string }
  /** The idempotency key was used before, for something else. */
  | { readonly kind: 'key-reused'; readonly run: string };

/** `jobs`: as they were written; of a run that was there before they are as they are now. */
export type Accepted = { readonly id: RunId; readonly name: string; readonly run: RunState } & (
  | { readonly created: 'now'; readonly jobs: readonly InQueue[] }
  | { readonly created: 'before' }
);

export type Submitted = Result<Accepted, SubmitRefusal>;

/** Records the run with its jobs and its name. The same idempotency key with the same fingerprint is the run it already made. */
export function submit(
  { store, runtime }: Coordination,
  provenance: Provenance,
  submission: Submission,
): Promise<Submitted> {
  return transact<Submitted>({ store, runtime }, provenance, async (read) => {
    const { idempotencyKey, ...asked } = submission;
    const [before, named] = await Promise.all([
      runWithKey(store, read, idempotencyKey),
      nameFor({ store, runtime }, read, submission),
    ]);
    if (before !== undefined) return { changes: [], result: again(before, submission) };
    const { name, alias, takenBy } = named;
    if (takenBy !== null) return { changes: [], result: fail({ kind: 'name-taken', name, run: takenBy }) };

    const { name: _, fleets = [], ...rest } = asked;
    const now = runtime.now();
    const submitted = { type: 'RunSubmitted' as const, ...rest, name };
    // They begin with their run: where there is none, they need not be looked for.
    const run = change({ stream: Run, id: submission.id, ...unfolded }, [submitted], now);
    const jobs = Array.from({ length: submission.configuration.nodes }, (_, index) => {
      const job = { stream: Job, id: jobId(submission.id, index), ...unfolded };
      return change(job, [{ type: 'JobQueued', spec: specOf({ ...rest, name, fleets }, index) }], now);
    });
    return {
      changes: [run, ...jobs],
      aliases: [
        { ...alias, to: submission.id },
        ...(idempotencyKey === undefined
          ? []
          : [{ kind: 'idempotency-key' as const, key: idempotencyKey, from: undefined, to: submission.id }]),
      ],
      result: ok({
        ...{ id: submission.id, name, created: 'now' },
        run: run.head.state as RunState,
        jobs: jobs.map(({ stream, head }) => ({ id: stream.id, state: head.state as JobState })),
      }),
    };
  });
}

/** The run that was submitted with an idempotency key, if any was. */
export async function runWithKey(
  store: EventStore,
  read: Read,
  key: string | undefined,
): Promise<RunState | undefined> {
  const id = key === undefined ? undefined : await store.alias('idempotency-key', key);
  return id === undefined ? undefined : (await read(Run, id)).state;
}

/** The answer to a request that was accepted before: the same run, or a refusal where it now asks for something else. */
export const again = (run: RunState, asked: { fingerprint: string }): Submitted =>
  run.fingerprint === asked.fingerprint
    ? ok({ id: run.id, name: run.name, run, created: 'before' })
    : fail({ kind: 'key-reused', run: run.name });

const DRAWS = 8;

/** Its own, or one that is made up: again where an unfinished run has it, as that one was made up too. */
async function nameFor(
  { store, runtime }: Coordination,
  read: Read,
  { name: own, project }: Submission,
): Promise<{ name: string; alias: Omit<Alias, 'to'>; takenBy: string | null }> {
  for (let draw = 1; ; draw++) {
    const name = own ?? runName(runtime.random);
    const named = { kind: 'run-name' as const, key: nameKey(project, name) };
    const { holder, takenBy } = await holderOf(store, read, named.key);
    if (takenBy === null || own !== undefined || draw === DRAWS)
      return { name, alias: { ...named, from: holder }, takenBy };
  }
}

/** The run that was last to be named so, and whether it still is: a name is free again once its run has finished. */
async function holderOf(store: EventStore, read: Read, key: string) {
  const holder = await store.alias('run-name', key);
  const taken = holder !== undefined && (await read(Run, holder)).state?.phase.kind !== 'finished';
  return { holder, takenBy: taken ? holder : null };
}

/** The unfinished run of that name, which a submission would be refused for. */
export const takenBy = async (store: EventStore, project: string, name: string): Promise<string | null> =>
  (await holderOf(store, store.load, nameKey(project, name))).takenBy;

export const nameKey = (project: string, name: string): string => `${project}/${name}`;

function specOf(run: Submission & { name: string; fleets: readonly FleetName[] }, index: number): JobSpec {
  const { priority, creation_policy, stop_duration, idle_duration, tags, retry, nodes } = run.configuration;
  return {
    run: run.id,
    run_name: run.name,
    index,
    project: run.project,
    fleet: run.fleet,
    requirements: groupOf(run.configuration, index).requirements,
    priority,
    creation_policy,
    stop_duration,
    idle_duration,
    tags,
    retry,
    nodes,
    fleets: [...run.fleets],
  };
}
