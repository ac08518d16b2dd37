import type { HealthSpec } from '../../domain/configuration/normalized.ts';
import { bundleOf } from '../../domain/job/bundle-of.ts';
import type { BundleRef } from '../../domain/job/events.ts';
import { runOf, submissionId } from '../../domain/kernel/ids.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';
import type { Cut } from '../../domain/planning/share.ts';
import { hasSecrets, NOTHING_SEALED } from '../../domain/run/secrets.ts';
import type { RunState } from '../../domain/run/state.ts';
import { Run } from '../../domain/run/stream.ts';
import type { Waiting } from '../../domain/scheduling/snapshot.ts';
import type { Reactive } from './ports.ts';

export type Preparation =
  | { readonly kind: 'prepared'; readonly submission: number; readonly bundle: BundleRef }
  /** The run has ended, whatever the index of waiting jobs still shows. */
  | { readonly kind: 'run-over' }
  /** The job cannot start without the run's secrets, and nothing brings them back. */
  | { readonly kind: 'secrets-lost'; readonly message: string };

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
): Promise<Preparation> {
  const run = await on.store.load(Run, runOf(id));
  if (run.state === undefined || run.state.phase.kind === 'finished') return { kind: 'run-over' };
  const sealed = await secrets(on, run.state);
  if (sealed === 'missing' || sealed === 'damaged')
    return (await isOver(on, run.state)) ? { kind: 'run-over' } : secretsLost(run.state, sealed);
  const { value: token, sha256 } = on.runtime.secret();
  const at = { index: job.index, submission: job.submission, offer, cut, check };
  const key = `submissions/${submissionId(id, at.submission)}/${on.runtime.ulid()}.json`;
  const { code, project } = run.state;
  const codeLink = code && (await on.code.link({ project, sha256: code.sha256 }));
  await on.bundles.put(key, bundleOf(run.state, at, { sealed, apiUrl: on.settings.apiUrl, token, codeLink }));
  return { kind: 'prepared', submission: at.submission, bundle: { key, token_sha256: sha256 } };
}

const secrets = async (on: Reactive, { id, seal, configuration }: RunState) =>
  hasSecrets(configuration) ? on.bundles.unseal({ run: id, seal }) : NOTHING_SEALED;

/** The end of a run erases its secrets: a run that has ended since it was read has not lost them. */
const isOver = async (on: Reactive, { id }: RunState): Promise<boolean> =>
  (await on.store.load(Run, id)).state?.phase.kind === 'finished';

const secretsLost = ({ name }: RunState, how: 'missing' | 'damaged'): Preparation => ({
  kind: 'secrets-lost',
  message:
    how === 'missing'
      ? `the secrets of run ${name} are no longer in the bucket; submit the run again`
      : `the secrets of run ${name} cannot be read from the bucket; submit the run again`,
});
