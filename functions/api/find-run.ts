import { name } from '../../domain/configuration/name.ts';
import { nameKey } from '../../domain/coordination/submit.ts';
import { Job } from '../../domain/job/stream.ts';
import { detail as jobDetail } from '../../domain/job/view.ts';
import { jobId, RunId } from '../../domain/kernel/ids.ts';
import type { RunState } from '../../domain/run/state.ts';
import { Run } from '../../domain/run/stream.ts';
import { summary } from '../../domain/run/view.ts';
import type { Api, Caller } from './context.ts';
import { refuse } from './problems.ts';
import { jobWaiting, placesOf } from './queue.ts';
import { recentQueue } from './recent-queue.ts';

/** A run by its id or its name. A name is the newest run's of that name. */
export async function findRun(api: Api, caller: Caller, idOrName: string): Promise<RunState> {
  const asId = RunId.safeParse(idOrName);
  const byId = asId.success ? (await api.store.load(Run, asId.data)).state : undefined;
  if (byId?.project === caller.project) return byId;
  // What is no name is nobody's: DynamoDB refuses a key of more than 2,048 bytes.
  const asName = name.safeParse(idOrName);
  const named = asName.success
    ? await api.store.alias('run-name', nameKey(caller.project, asName.data))
    : undefined;
  const byName = named === undefined ? undefined : (await api.store.load(Run, named)).state;
  if (byName) return byName;
  const shown = idOrName.length > 60 ? `${idOrName.slice(0, 60)}…` : idOrName;
  throw refuse(404, 'unknown-run', `there is no run ${JSON.stringify(shown)}; list them with: sortie ps -a`);
}

/** A run with its jobs and all their submissions, as they are now. */
export async function runDetail(api: Api, id: RunId) {
  const { state: run } = await api.store.load(Run, id);
  if (run === undefined) throw new Error(`run ${id} vanished between two reads`);
  const jobs = await Promise.all(run.jobs.map(({ index }) => api.store.load(Job, jobId(id, index))));
  const known = jobs.flatMap(({ id, state }) => (state ? [{ id, state }] : []));
  const places = await placesOf(api, known, recentQueue);
  return {
    ...summary(run),
    configuration: run.configuration,
    jobs: await Promise.all(
      known.map(async (job) => ({
        ...jobDetail(job.state),
        waiting: await jobWaiting(api, job, places),
      })),
    ),
  };
}
