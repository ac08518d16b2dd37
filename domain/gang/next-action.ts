import type { JobState } from '../job/state.ts';
import type { Instant } from '../kernel/instant.ts';
import type { RunState } from '../run/state.ts';
import { GANG_DEADLINE, type Gang, GIVE_BACKS } from './state.ts';
import { MASTER } from './terms.ts';
import { failureOf, nodeName } from './words.ts';

export type GangAction =
  | { readonly kind: 'rest' }
  /** Its instance failed it before anybody had touched anything: it is placed again, the others wait for it. */
  | { readonly kind: 'place-again'; readonly nodes: readonly number[] }
  | { readonly kind: 'part'; readonly because: 'node_over' | 'never_complete'; readonly message: string }
  | { readonly kind: 'give-back'; readonly message: string }
  /** Back to the queue: nothing has begun there. */
  | { readonly kind: 'return'; readonly nodes: readonly number[]; readonly message: string }
  /** Over here and now: nothing has begun there. */
  | { readonly kind: 'withdraw'; readonly nodes: readonly number[] }
  | { readonly kind: 'stop'; readonly nodes: readonly number[] }
  /** All are over: tried again, all of them, or ended. */
  | { readonly kind: 'conclude' };

type Phase<K extends Gang['phase']['kind']> = Extract<Gang['phase'], { kind: K }>;

const rest: GangAction = { kind: 'rest' };

/** What comes next for the nodes of a run as one; each by itself goes on as the only job of a run would. */
export function nextGangAction(run: RunState, jobs: readonly JobState[], now: Instant): GangAction {
  const { gang } = run;
  if (gang === null || run.phase.kind === 'finished') return rest;
  if (jobs.some(isAwaiting) && jobs.every(isOver)) return { kind: 'conclude' };
  switch (gang.phase.kind) {
    case 'parting':
      return parting(gang.phase, jobs);
    case 'giving_back':
      return givingBack(gang.phase, jobs);
    default:
  }
  // Its user's stop reaches each of them by itself.
  if (run.phase.kind === 'stopping') return rest;
  switch (gang.phase.kind) {
    case 'gathering':
      return gathering(gang.phase, gang, jobs, now);
    case 'preparing':
      return preparing(gang.phase, gang, jobs, now);
    case 'going':
      return going(run, gang, jobs);
  }
}

function gathering(
  { since }: Phase<'gathering'>,
  gang: Gang,
  jobs: readonly JobState[],
  now: Instant,
): GangAction {
  const over = jobs.filter(isOver);
  const unbegun = over.filter(({ phase }) => phase.kind === 'awaiting_gang' && phase.begun === 'unbegun');
  if (unbegun.length > 0) return { kind: 'place-again', nodes: indexes(unbegun) };
  if (over[0]) return { kind: 'part', because: 'node_over', message: whatEnded(over, gang) };
  if (since === null || now < since + GANG_DEADLINE) return rest;
  const missing = jobs.filter(({ index }) => !gang.arrivals.some((one) => one.index === index));
  const message = `${missing.map(({ index }) => `node ${index}`).join(', ')} of ${jobs.length} had not come about ${GANG_DEADLINE / 60_000} minutes after the first had its instance`;
  return gang.given_back < GIVE_BACKS
    ? { kind: 'give-back', message }
    : { kind: 'part', because: 'never_complete', message: `${message}, for the ${GIVE_BACKS + 1}th time` };
}

/** One that fails is not the end of it before the others have been heard: whoever fails as well is told of too. */
function preparing(
  { prepared }: Phase<'preparing'>,
  gang: Gang,
  jobs: readonly JobState[],
  now: Instant,
): GangAction {
  const over = jobs.filter(isOver);
  if (over.length === 0) return rest;
  const first = Math.min(...over.map(overSince));
  const heard = jobs.every((job) => isOver(job) || prepared.includes(job.index));
  return heard || now >= first + GANG_DEADLINE
    ? { kind: 'part', because: 'node_over', message: whatEnded(over, gang) }
    : rest;
}

function going({ configuration }: RunState, gang: Gang, jobs: readonly JobState[]): GangAction {
  const over = jobs.filter(isOver);
  const failed = over.filter((job) => statusOf(job) !== 'done');
  if (failed.length > 0) return { kind: 'part', because: 'node_over', message: whatEnded(failed, gang) };
  return configuration.stop_criteria === 'master-done' && over.some(({ index }) => index === MASTER)
    ? { kind: 'part', because: 'node_over', message: 'the master is done' }
    : rest;
}

function parting({ how }: Phase<'parting'>, jobs: readonly JobState[]): GangAction {
  const active = jobs.filter(({ phase }) => phase.kind === 'assigned' || phase.kind === 'running');
  if (active.length > 0) return { kind: how === 'stop' ? 'stop' : 'withdraw', nodes: indexes(active) };
  const stopping = jobs.some(({ phase }) => phase.kind === 'stopping');
  const begun = jobs.some(isOver);
  return stopping || !begun ? rest : { kind: 'conclude' };
}

function givingBack({ message }: Phase<'giving_back'>, jobs: readonly JobState[]): GangAction {
  const assigned = jobs.filter(({ phase }) => phase.kind === 'assigned');
  if (assigned.length > 0) return { kind: 'return', nodes: indexes(assigned), message };
  const awaiting = jobs.filter(isAwaiting);
  if (awaiting.length > 0) return { kind: 'place-again', nodes: indexes(awaiting) };
  return jobs.some(({ phase }) => phase.kind === 'ended') ? { kind: 'conclude' } : rest;
}

const isAwaiting = ({ phase }: JobState): boolean => phase.kind === 'awaiting_gang';
const isOver = (job: JobState): boolean => isAwaiting(job) || job.phase.kind === 'ended';
const indexes = (jobs: readonly JobState[]): number[] => jobs.map(({ index }) => index);

const statusOf = ({ phase, past }: JobState) => (phase.kind === 'ended' ? phase.status : past.at(-1)?.status);

const overSince = ({ phase }: JobState): Instant =>
  phase.kind === 'awaiting_gang' ? phase.since : phase.kind === 'ended' ? phase.at : Number.POSITIVE_INFINITY;

/** `node 1 (i-0123…) failed: exit status 3`. */
function whatEnded(over: readonly JobState[], { arrivals }: Gang): string {
  const failed = over.filter((job) => statusOf(job) === 'failed');
  return (failed.length > 0 ? failed : over)
    .map((job) => {
      const ec2 = arrivals.find(({ index }) => index === job.index)?.ec2 ?? null;
      const said = job.phase.kind === 'ended' ? job.phase.message : null;
      const last = job.past.at(-1);
      const why = said ?? (last ? failureOf(last) : 'it ended');
      return `${nodeName(job.index, ec2)} ${statusOf(job) === 'failed' ? 'failed' : 'is over'}: ${why}`;
    })
    .join('; ');
}
