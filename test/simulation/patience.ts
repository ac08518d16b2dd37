import { SUBMISSION_LIMIT } from '../../domain/job/retry.ts';
import type { JobPhase, JobState } from '../../domain/job/state.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { DEAD_MAN } from './dead-man.ts';
import type { Plan } from './plan.ts';
import type { Scene } from './scene.ts';

/** Once all runs are over: the longest idle_duration, a boot's deadline, a slow end, and the schedule's minutes. */
export const PATIENCE = (4 + 10 + 4 + 4) * MINUTE;
/** What a fleet keeps is ordered again once a quota that was refused is asked for again, and what has not come is given up. */
export const ORDERED_AGAIN = 80 * MINUTE;

/**
 * As long as no job may have come any further, once nothing goes wrong any more: the longest of their tries, with the
 * holds of a refusal, a machine that is silent and a place that is kept for several nodes.
 */
export const longestStandstill = ({ runs }: Plan): number =>
  Math.max(
    ...runs.map(({ seconds, nodes }) => Math.min(seconds, 600) * SECOND + (nodes > 1 ? 80 : 5) * MINUTE),
  ) +
  60 * MINUTE +
  DEAD_MAN;

/** From one try's end to the next one's: what is over has the next number already. */
const steps: readonly JobPhase['kind'][] = [
  'awaiting_gang',
  'backing_off',
  'waiting',
  'assigned',
  'running',
  'stopping',
  'ended',
];

/**
 * How far all jobs have come. Tries follow each other as long as a policy has them, but no job has more than so many
 * (`triedTooOften`), and within a try each step counts once: what moves for ever without getting anywhere stands still.
 */
export const farthest = ({ store }: Scene): number =>
  [...store.heads].reduce((sum, [key, { state }]) => {
    if (!key.startsWith('Job-')) return sum;
    const { submission, phase } = state as JobState;
    return sum + submission * steps.length + steps.indexOf(phase.kind);
  }, 0);

/** Past the limit a failure is the last; what is given back is none, and there is little of it. */
export const triedTooOften = ({ submission }: JobState): boolean => submission > 1.5 * SUBMISSION_LIMIT;
