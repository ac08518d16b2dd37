import { endForJob } from '../../domain/coordination/end-instance.ts';
import type { Attempt } from '../../domain/job/state.ts';
import type { JobId } from '../../domain/kernel/ids.ts';
import type { Provenance } from '../../domain/kernel/stream.ts';
import type { Reactive } from './ports.ts';
import { type Step, visitStep } from './step.ts';

type Why = Parameters<typeof endForJob>[3];

/** The job's instance ends, or where others are on it, the job alone is over there. */
export const giveUpInstance = async (
  on: Reactive,
  provenance: Provenance,
  job: JobId,
  attempt: Attempt,
  why: Why,
): Promise<Step[]> => (await endInstanceOf(on, provenance, job, attempt, why)).next;

/** The same, for whoever has something else to try as long as it stays. */
export async function endInstanceOf(
  on: Reactive,
  provenance: Provenance,
  job: JobId,
  { instance }: Attempt,
  why: Why,
): Promise<{ readonly kind: 'ends' | 'stays'; readonly next: Step[] }> {
  const kind = await endForJob(on, provenance, { instance, job }, why);
  const next = [visitStep('Instance', instance), ...(kind === 'ends' ? [visitStep('Job', job)] : [])];
  return { kind, next };
}
