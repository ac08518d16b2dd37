import type { RunId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { statusOf } from '../../domain/run/state.ts';
import { summary } from '../../domain/run/view.ts';
import type { Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

export const jobsOf = async (sortie: Sortie, run: RunId) =>
  Promise.all((await sortie.run(run)).jobs.map(({ index }) => sortie.job(run, index)));

/** Each job's submissions, by how they ended. */
export const pastOf = async (sortie: Sortie, run: RunId) =>
  (await jobsOf(sortie, run)).map(({ past }) => past.map(({ reason }) => reason));

export async function ended(sortie: Sortie, run: RunId) {
  await sortie.until('the run is over', finished(sortie, run), 180 * MINUTE);
  await sortie.pass(10 * MINUTE);
  await expectSound(sortie);
  const state = await sortie.run(run);
  return { status: statusOf(state), message: summary(state).message };
}
