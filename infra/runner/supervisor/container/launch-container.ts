import type { ReadyContainer, Sighting } from '../../../../domain/container/sighting.ts';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { Bundle, BundledContainer, Stage } from '../../contract.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Engine } from './engine.ts';
import { obtainImage } from './obtain-image.ts';
import { removeLeftover } from './remove-leftover.ts';
import { setUp } from './set-up.ts';

export type Preparation = {
  engine: Engine;
  bundle: Bundle;
  container: BundledContainer;
  /** On the engine. */
  name: string;
  job: JobDirectory;
  signal: AbortSignal;
  tell(stage: Stage, message: string): void;
};

type Running = Extract<Sighting, { state: 'running' }>;

/**
 * A container that is up and set up, or nothing. A persistent one gets its name when it is set up, and not before: under
 * that name there is never one that is half done, whatever ends us in between (but for Enroot, which cannot rename).
 */
export async function launchContainer(preparation: Preparation): Promise<Result<ReadyContainer, string>> {
  const { engine, bundle, container, name, job, signal, tell } = preparation;
  const image = await obtainImage(preparation);
  if (!image.ok) return image;
  const persistent = container.lifetime === 'persistent';
  const working = persistent && engine.rename !== null ? `${name}-${bundle.submission}` : name;
  tell('starting', name);
  const removed = await removeLeftover(engine, working, job);
  if (!removed.ok) return removed;

  const labels = {
    'sortie.submission': bundle.submission,
    'sortie.home': job.home,
    'sortie.lifetime': container.lifetime,
  };
  const made = await engine.start({ name: working, image: image.value.name, container, labels }, signal);
  const ready = made.ok ? await finish(preparation, working) : fail(`container ${name}: ${made.error}`);
  if (!ready.ok) {
    const removal = await engine.remove(working);
    return removal.ok ? ready : fail(`${ready.error}; and it could not be removed: ${removal.error}`);
  }
  const { id, image_id, started_at } = ready.value;
  return ok({ id, name, image_id, started_at, how: 'started', warnings: image.value.warnings });
}

async function finish(preparation: Preparation, working: string): Promise<Result<Running, string>> {
  const { engine, container, name, signal } = preparation;
  const begun = await engine.look(working, null);
  if (begun.state !== 'running')
    return fail(`container ${name} ended at once: its image needs \`sh\` and \`sleep\` on the PATH`);
  if (container.setup_script !== null) {
    const done = await setUp(preparation, working, container.setup_script);
    if (!done.ok) return done;
  }
  if (signal.aborted) return fail('stopped');
  if (working === name || engine.rename === null) return ok(begun);
  const named = await engine.rename(working, name);
  return named.ok ? ok(begun) : fail(`container ${name}: ${named.error}`);
}
