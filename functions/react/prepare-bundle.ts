import type { HealthSpec } from '../../domain/configuration/normalized.ts';
import { bundleOf } from '../../domain/job/bundle-of.ts';
import type { Sealed } from '../../domain/job/bundles.ts';
import type { BundleRef } from '../../domain/job/events.ts';
import { runOf, submissionId } from '../../domain/kernel/ids.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';
import type { Cut } from '../../domain/planning/share.ts';
import { hasSecrets, NOTHING_SEALED } from '../../domain/run/secrets.ts';
import type { RunState } from '../../domain/run/state.ts';
import { Run } from '../../domain/run/stream.ts';
import type { Waiting } from '../../domain/scheduling/snapshot.ts';
import type { Reactive } from './ports.ts';

/**
 * Puts the bundle where the instance will fetch it, before the assignment that names it: an assignment that is lost
 * leaves an object that nobody knows, which its maker erases and the bucket's lifecycle would.
 */
export async function prepareBundle(
  on: Reactive,
  { id, state: job }: Waiting,
  offer: OfferTerms,
  cut: Cut,
  check: HealthSpec | null,
): Promise<{ submission: number; bundle: BundleRef } | undefined> {
  const run = await on.store.load(Run, runOf(id));
  const sealed = run.state && (await secrets(on, run.state));
  if (run.state === undefined || sealed === undefined) return undefined;
  const { value: token, sha256 } = on.runtime.secret();
  const at = { index: job.index, submission: job.submission, offer, cut, check };
  const key = `submissions/${submissionId(id, at.submission)}/${on.runtime.ulid()}.json`;
  await on.bundles.put(key, bundleOf(run.state, at, { sealed, apiUrl: on.settings.apiUrl, token }));
  return { submission: at.submission, bundle: { key, token_sha256: sha256 } };
}

/** Undefined: the run is over and its secrets erased, whatever the index of waiting jobs still shows. */
async function secrets(on: Reactive, { id, configuration, phase }: RunState): Promise<Sealed | undefined> {
  if (phase.kind === 'finished') return undefined;
  if (!hasSecrets(configuration)) return NOTHING_SEALED;
  try {
    return await on.bundles.unseal(id);
  } catch (error) {
    const { state: now } = await on.store.load(Run, id);
    if (now?.phase.kind === 'finished') return undefined;
    throw error;
  }
}
