import { bundleOf } from '../../domain/job/bundle-of.ts';
import type { BundleRef } from '../../domain/job/events.ts';
import { runOf, submissionId } from '../../domain/kernel/ids.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';
import { Run } from '../../domain/run/stream.ts';
import type { Waiting } from '../../domain/scheduling/schedule.ts';
import type { Reactive } from './ports.ts';

/**
 * Puts the bundle where the instance will fetch it, before the assignment that names it: an assignment that is lost
 * leaves an object that nobody knows, which its maker erases and the bucket's lifecycle would.
 */
export async function prepareBundle(
  on: Reactive,
  { id, state: job }: Waiting,
  offer: OfferTerms,
): Promise<{ submission: number; bundle: BundleRef } | undefined> {
  const run = await on.store.load(Run, runOf(id));
  if (run.state === undefined) return undefined;
  const env = run.state.configuration.env.length > 0 ? await on.bundles.unseal(run.state.id) : {};
  const { value: token, sha256 } = on.runtime.secret();
  const at = { index: job.index, submission: job.submission, offer };
  const key = `submissions/${submissionId(id, at.submission)}/${on.runtime.ulid()}.json`;
  await on.bundles.put(key, bundleOf(run.state, at, { env, apiUrl: on.settings.apiUrl, token }));
  return { submission: at.submission, bundle: { key, token_sha256: sha256 } };
}
