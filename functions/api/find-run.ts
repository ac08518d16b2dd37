import type * as z from 'zod';
import { RunSummary } from '../../domain/api/run.ts';
import { name } from '../../domain/configuration/name.ts';
import { nameKey } from '../../domain/coordination/submit.ts';
import type { JobEvent } from '../../domain/job/events.ts';
import type { JobState } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { detail as jobDetail } from '../../domain/job/view.ts';
import { jobId, RunId, timeOf } from '../../domain/kernel/ids.ts';
import { iso, MINUTE } from '../../domain/kernel/instant.ts';
import type { Loaded } from '../../domain/kernel/stream.ts';
import type { InQueue } from '../../domain/queue/place.ts';
import type { RunState } from '../../domain/run/state.ts';
import { Run, runList } from '../../domain/run/stream.ts';
import { summary } from '../../domain/run/view.ts';
import type { Api, Caller } from './context.ts';
import { refuse } from './problems.ts';
import { jobWaiting, placesOf } from './queue.ts';
import { recentQueue } from './recent-queue.ts';

/** A run by its id, the beginning of its id, or its name. A name is the newest run's of that name. */
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
  const begun = await runsBeginning(api, caller, idOrName);
  if (begun.length > 1)
    throw refuse(
      409,
      'ambiguous-run',
      `${begun.length === MOST ? `${MOST} runs or more` : `${begun.length} runs`} begin with ${idOrName}: ${begun.map(shownRun).join(', ')}; give more of the id`,
    );
  const byPrefix = begun[0] && (await api.store.load(Run, begun[0].id)).state;
  if (byPrefix) return byPrefix;
  const shown = idOrName.length > 60 ? `${idOrName.slice(0, 60)}…` : idOrName;
  throw refuse(404, 'unknown-run', `there is no run ${JSON.stringify(shown)}; list them with: sortie ps -a`);
}

// No name begins with a digit, and a ULID of this millennium begins with 0.
const PREFIX = /^0[0-9a-hjkmnp-tv-z]{3,24}$/;
/** So many runs at most are named where a prefix is ambiguous. */
const MOST = 5;
const PAGE = 200;
/** A run is submitted soon after its id was made; an id is never older than the one before, though a clock steps back. */
const SUBMITTED_WITHIN = MINUTE;

const Beginning = RunSummary.pick({ id: true, name: true });

const shownRun = ({ id, name }: z.infer<typeof Beginning>): string => `${id} (${name})`;

/** Runs whose id begins so, newest first: looked for where they are by the time in it. */
async function runsBeginning(api: Api, { project }: Caller, prefix: string) {
  if (!PREFIX.test(prefix)) return [];
  const within = {
    least: iso(Math.max(0, timeOf(prefix.padEnd(26, '0')) - SUBMITTED_WITHIN)),
    most: iso(timeOf(prefix.padEnd(26, 'z')) + SUBMITTED_WITHIN),
  };
  const found: z.infer<typeof Beginning>[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.store.list(runList(project), PAGE, cursor, within);
    if (page === 'bad-cursor') throw new Error(`the list of runs does not know its own cursor ${cursor}`);
    for (const { view } of page.items) {
      const run = Beginning.parse(view);
      if (run.id.startsWith(prefix)) found.push(run);
    }
    cursor = page.next;
  } while (cursor !== undefined && found.length < MOST);
  return found.slice(0, MOST);
}

/** A run by its id or name with the jobs that it has: most have one, which an id names before its run is read. */
export async function runWithJobs(api: Api, caller: Caller, idOrName: string) {
  const asId = RunId.safeParse(idOrName);
  const [run, first] = await Promise.all([
    findRun(api, caller, idOrName),
    asId.success ? api.store.load(Job, jobId(asId.data, 0)) : undefined,
  ]);
  return { run, jobs: await jobsOf(api, run, first?.id.startsWith(run.id) ? [first] : []) };
}

/** The jobs of a run as they are now; `known`: the first of them, read already. */
export async function jobsOf(
  api: Api,
  { id, jobs }: Pick<RunState, 'id' | 'jobs'>,
  known: readonly Loaded<JobState, JobEvent>[] = [],
): Promise<InQueue[]> {
  const others = jobs.slice(known.length).map(({ index }) => api.store.load(Job, jobId(id, index)));
  const loaded = [...known, ...(await Promise.all(others))];
  return loaded.flatMap(({ id: job, state }) => (state ? [{ id: job, state }] : []));
}

/** A run with its jobs and all their submissions. */
export async function runDetail(api: Api, run: RunState, known: readonly InQueue[]) {
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
