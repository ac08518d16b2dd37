import type { HealthSpec } from '../../domain/configuration/normalized.ts';
import { bundleOf } from '../../domain/job/bundle-of.ts';
import type { Unsealed } from '../../domain/job/bundles.ts';
import type { BundleRef } from '../../domain/job/events.ts';
import { runOf, submissionId } from '../../domain/kernel/ids.ts';
import type { OfferTerms } from '../../domain/planning/offer.ts';
import type { Cut } from '../../domain/planning/share.ts';
import { hasSecrets, NOTHING_SEALED, secretsNeeded, unsealedWith } from '../../domain/run/secrets.ts';
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
  const unsealed = await secrets(on, run.state);
  if (unsealed.kind === 'lost')
    return (await isOver(on, run.state))
      ? { kind: 'run-over' }
      : { kind: 'secrets-lost', message: unsealed.message };
  const { sealed } = unsealed;
  const { value: token, sha256 } = on.runtime.secret();
  const at = { index: job.index, submission: job.submission, offer, cut, check };
  const key = `submissions/${submissionId(id, at.submission)}/${on.runtime.ulid()}.json`;
  const { code, project } = run.state;
  const codeLink = code && (await on.code.link({ project, sha256: code.sha256 }));
  await on.bundles.put(key, bundleOf(run.state, at, { sealed, apiUrl: on.settings.apiUrl, token, codeLink }));
  return { kind: 'prepared', submission: at.submission, bundle: { key, token_sha256: sha256 } };
}

type Secrets =
  | { readonly kind: 'unsealed'; readonly sealed: Unsealed }
  | { readonly kind: 'lost'; readonly message: string };

/** What the run sealed, with the values that the project's secrets have at this moment. */
async function secrets(on: Reactive, { id, name, project, seal, configuration }: RunState): Promise<Secrets> {
  if (!hasSecrets(configuration)) return { kind: 'unsealed', sealed: NOTHING_SEALED };
  const sealed = await on.bundles.unseal({ run: id, seal });
  if (sealed === 'missing' || sealed === 'damaged') return { kind: 'lost', message: sealLost(name, sealed) };
  const needed = secretsNeeded(sealed);
  const values = needed.length > 0 ? await on.secrets.read(project, needed) : new Map<string, string>();
  const missing = needed.filter((one) => !values.has(one));
  return missing.length > 0
    ? { kind: 'lost', message: secretsMissing(name, missing) }
    : { kind: 'unsealed', sealed: unsealedWith(sealed, values) };
}

/** The end of a run erases its secrets: a run that has ended since it was read has not lost them. */
const isOver = async (on: Reactive, { id }: RunState): Promise<boolean> =>
  (await on.store.load(Run, id)).state?.phase.kind === 'finished';

const sealLost = (run: string, how: 'missing' | 'damaged'): string =>
  how === 'missing'
    ? `the secrets of run ${run} are no longer in the bucket; submit the run again`
    : `the secrets of run ${run} cannot be read from the bucket; submit the run again`;

const secretsMissing = (run: string, names: readonly string[]): string =>
  `run ${run} names ${names.length === 1 ? 'the secret' : 'the secrets'} ${names.join(', ')}, deleted since it was submitted; ` +
  `set ${names.length === 1 ? 'it' : 'them'} (sortie secret set ${names[0]}) and submit the run again`;
