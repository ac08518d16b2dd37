import { conclude } from '../gang/conclude.ts';
import { type GangAction, nextGangAction } from '../gang/next-action.ts';
import { release } from '../instance/decide.ts';
import { Instance } from '../instance/stream.ts';
import { type Ending, ended, requestStop } from '../job/decide.ts';
import type { JobEvent } from '../job/events.ts';
import { afterSubmission } from '../job/retry.ts';
import { attemptOf, type JobState } from '../job/state.ts';
import { type InstanceId, type JobId, jobId, type RunId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Change, changesOf, type Provenance } from '../kernel/stream.ts';
import { type Read, transact } from '../kernel/transact.ts';
import type { RunState } from '../run/state.ts';
import { Run } from '../run/stream.ts';
import { type Coordination, type LoadedJob, loadJob } from './move-job.ts';
import { moveTogether } from './move-together.ts';

/** What was moved, for whoever goes straight on. */
export interface Settled {
  readonly kind: GangAction['kind'];
  readonly jobs: readonly JobId[];
  readonly instances: readonly InstanceId[];
}

// A transaction has 100 items at most: two for the run, and four for each node with its instance.
const NODES_AT_ONCE = 20;

/** Does what comes next for the nodes of a run as one, in one append; again, until there is nothing left to do. */
export function settleGang(on: Coordination, provenance: Provenance, id: RunId): Promise<Settled> {
  return transact<Settled>(on, provenance, async (read) => {
    const run = await read(Run, id);
    const nothing = { changes: [], result: { kind: 'rest' as const, jobs: [], instances: [] } };
    if (run.state === undefined || run.state.gang === null) return nothing;
    const jobs = await Promise.all(run.state.jobs.map(({ index }) => loadJob(read, jobId(id, index))));
    const states = jobs.flatMap(({ state }) => state ?? []);
    const now = on.runtime.now();
    const action = nextGangAction(run.state, states, now);
    switch (action.kind) {
      case 'rest':
        return nothing;
      case 'part': {
        const { because, message } = action;
        const events = [{ type: 'GangParted' as const, because, message }];
        return { changes: moveTogether(run, events, [], now), result: { ...nothing.result, kind: 'part' } };
      }
      case 'give-back': {
        const events = [{ type: 'GangGivenBack' as const, message: action.message }];
        return {
          changes: moveTogether(run, events, [], now),
          result: { ...nothing.result, kind: 'give-back' },
        };
      }
      case 'conclude': {
        const decided = conclude(run.state, states, now);
        const moves = jobs.map((job, n) => ({ job, events: decided[n] ?? [] }));
        return {
          changes: moveTogether(run, [], moves, now),
          result: { kind: 'conclude', jobs: jobs.map(idOf), instances: [] },
        };
      }
      default: {
        const chosen = new Set(action.nodes.slice(0, NODES_AT_ONCE));
        const moves = jobs
          .filter(({ state }) => state && chosen.has(state.index))
          .map((job) => ({ job, events: job.state ? moveOf(action, run.state, job.state, now) : [] }));
        const freed = action.kind === 'withdraw' || action.kind === 'return';
        const released = freed
          ? await releaseAll(
              read,
              moves.map(({ job }) => job),
              now,
            )
          : [];
        return {
          changes: [...moveTogether(run, [], moves, now), ...released],
          result: {
            kind: action.kind,
            jobs: moves.map(({ job }) => idOf(job)),
            instances: released.map(({ stream }) => stream.id as InstanceId),
          },
        };
      }
    }
  });
}

const idOf = ({ id }: LoadedJob): JobId => id as JobId;

type PerNode = Extract<GangAction, { readonly nodes: readonly number[] }>;

function moveOf(action: PerNode, run: RunState | undefined, job: JobState, now: Instant): JobEvent[] {
  switch (action.kind) {
    case 'place-again': {
      const last = job.past.at(-1);
      return last ? afterSubmission(job, last, now, 'unbegun') : [];
    }
    case 'stop':
      // All have come to the rendezvous: a start that nobody recorded has arrived all the same.
      return job.phase.kind === 'assigned'
        ? [{ type: 'StopRequested', mode: 'graceful', reason: 'terminated_by_server' }]
        : requestStop(job, 'graceful', 'terminated_by_server');
    case 'withdraw':
      return ended(job, withdrawn(run));
    case 'return': {
      const [over] = ended(job, unbegun('terminated', 'terminated_by_server', action.message));
      return over ? [over, { type: 'JobRequeued', submission: job.submission + 1 }] : [];
    }
  }
}

/** What became of a submission that its gang was ended under, before anything had begun. */
function withdrawn(run: RunState | undefined): Ending {
  const phase = run?.gang?.phase;
  const { how, message } = phase?.kind === 'parting' ? phase : { how: 'withdraw' as const, message: null };
  switch (how) {
    case 'refuse':
      return unbegun('failed', 'creating_container_error', message);
    case 'give_up':
      return unbegun('failed', 'failed_to_start_due_to_no_capacity', message);
    case 'withdraw':
    case 'stop':
      return unbegun('terminated', 'terminated_by_server', message);
  }
}

const unbegun = (status: Ending['status'], reason: Ending['reason'], message: string | null): Ending => ({
  ...{ status, reason, message, exit_status: null, signal: null },
  log_bytes: null,
});

/** Its runner waits at the rendezvous, or never came: its next report tells it that the submission is over. */
async function releaseAll(read: Read, jobs: readonly LoadedJob[], now: Instant): Promise<Change[]> {
  const released = jobs.map(async ({ id, state }): Promise<Change[]> => {
    const attempt = state && attemptOf(state);
    if (attempt === undefined) return [];
    const instance = await read(Instance, attempt.instance);
    const claim = { job: id as JobId, submission: attempt.submission };
    const events = instance.state ? release(instance.state, claim) : [];
    return changesOf(instance, events, now);
  });
  return (await Promise.all(released)).flat();
}
