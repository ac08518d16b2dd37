import type { ReadyContainer, Sighting } from '../../../../domain/container/sighting.ts';
import { verdictOn } from '../../../../domain/container/verdict.ts';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { Bundle, BundledContainer, Stage } from '../../contract.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Place } from '../place.ts';
import { engineName } from './engine-name.ts';
import { findEngine } from './find-engine.ts';
import { inContainer } from './in-container.ts';
import { installEngine, isInstallable } from './install-engine.ts';
import { launchContainer, workingName } from './launch-container.ts';

export type Choice = {
  sighting: Sighting;
  /** `told`: by whom speaks for all nodes; null: a node alone decides by what it saw. */
  prepare(
    told: 'attach' | 'launch' | null,
    nodes: readonly string[],
    signal: AbortSignal,
    tell: (stage: Stage, message: string) => void,
  ): Promise<Result<{ container: ReadyContainer; place: Place }, string>>;
};

/** What is there under the container's name, looked at and not touched, and what then becomes of it. */
export async function chooseContainer(
  bundle: Bundle,
  container: BundledContainer,
  job: JobDirectory,
): Promise<Choice> {
  const name = engineName(container, bundle.submission, job.home);
  const found = findEngine(container.runtime, job);
  const installable = !found.ok && isInstallable(container.runtime, job);
  const sighting: Sighting = found.ok
    ? await found.value.look(name, container)
    : installable
      ? { state: 'absent' }
      : { state: 'unknown', why: found.error };

  return {
    sighting,
    async prepare(told, nodes, signal, tell) {
      const alone = verdictOn({ ...container, name }, [{ node: 'this instance', sighting }]);
      if (told === null && alone.kind === 'refuse') return fail(alone.message);
      if (installable) tell('starting', 'installing docker');
      const usable = installable ? await installEngine(job, signal) : found;
      if (!usable.ok) return usable;
      const engine = usable.value;
      const warnings = alone.kind === 'attach' ? alone.warnings : [];
      const preparation = { engine, bundle, container, name, nodes, job, signal, tell };
      const attach = (told ?? alone.kind) === 'attach';
      const ready = attach ? attachTo(name, sighting, warnings) : await launchContainer(preparation);
      if (!ready.ok) return ready;
      const working = attach ? null : workingName(preparation);
      return ok({
        container: ready.value,
        place: inContainer(bundle, container, { engine, name, working, job }),
      });
    },
  };
}

/** The container of a job whose commands have begun, under the name that it was settled with. */
export function knownContainer(bundle: Bundle, container: BundledContainer, job: JobDirectory): Place {
  const found = findEngine(container.runtime, job);
  if (!found.ok) throw new Error(found.error);
  const name = engineName(container, bundle.submission, job.home);
  return inContainer(bundle, container, { engine: found.value, name, working: null, job });
}

function attachTo(
  name: string,
  sighting: Sighting,
  warnings: readonly string[],
): Result<ReadyContainer, string> {
  if (sighting.state !== 'running') return fail(`container ${name} does not run on this instance`);
  const { id, image_id, image, started_at } = sighting;
  return ok({ id, name, image_id, image, started_at, how: 'attached', warnings: [...warnings] });
}
