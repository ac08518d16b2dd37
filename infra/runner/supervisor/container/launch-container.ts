import * as fs from 'node:fs';
import { join } from 'node:path';
import type { ReadyContainer, Sighting } from '../../../../domain/container/sighting.ts';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { Bundle, BundledContainer, Stage } from '../../contract.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Engine } from './engine.ts';
import { obtainImage } from './obtain-image.ts';
import { removeLeftover } from './remove-leftover.ts';
import { setUp } from './set-up.ts';
import { startLabels } from './started-with.ts';
import { mountable } from './volumes.ts';

export type Preparation = {
  engine: Engine;
  bundle: Bundle;
  container: BundledContainer;
  /** On the engine, as `docker ps` shows it. */
  name: string;
  /** The addresses of all nodes of the run, by rank. */
  nodes: readonly string[];
  job: JobDirectory;
  signal: AbortSignal;
  tell(stage: Stage, message: string): void;
};

type Running = Extract<Sighting, { state: 'running' }>;

/**
 * What a container is called until it is set up on every node. Under the name of a persistent one there is never one that
 * is half done, on this node or another, whatever ends us in between (but for Enroot, which cannot rename).
 */
export const workingName = ({ engine, bundle, container, name }: Preparation): string =>
  container.lifetime === 'persistent' && engine.rename !== null ? `${name}-${bundle.submission}` : name;

/** A container that is up and set up, under its working name, or nothing. */
export async function launchContainer(preparation: Preparation): Promise<Result<ReadyContainer, string>> {
  const { engine, bundle, container, name, job, signal, tell } = preparation;
  // Before an image is pulled for nothing.
  const volumes = mountable(container.volumes);
  if (!volumes.ok) return volumes;
  const image = await obtainImage(preparation);
  if (!image.ok) return image;
  const working = workingName(preparation);
  tell('starting', name);
  const removed = await removeLeftover(engine, working, job);
  if (!removed.ok) return removed;

  const labels = {
    'sortie.submission': bundle.submission,
    'sortie.home': job.home,
    'sortie.lifetime': container.lifetime,
    ...startLabels(container, image.value.name),
  };
  // Where a machine is no more than a folder, whoever ends it has to know that there is an engine to look into.
  fs.writeFileSync(join(job.home, 'engine'), `${engine.name}\n`);
  const fresh = { name: working, image: image.value.name, container, volumes: volumes.value, labels };
  const made = await engine.start(fresh, signal);
  // A full disk throws: what was started by then is removed all the same.
  const broken = (error: Error) => fail(`container ${name}: ${error.message}`);
  const ready = made.ok
    ? await finish(preparation, working).catch(broken)
    : fail(`container ${name}: ${made.error}`);
  if (!ready.ok) {
    const removal = await engine.remove(working);
    return removal.ok ? ready : fail(`${ready.error}; and it could not be removed: ${removal.error}`);
  }
  const { id, image_id, started_at } = ready.value;
  return ok({
    id,
    name,
    image_id,
    image: ready.value.image,
    started_at,
    how: 'started',
    warnings: image.value.warnings,
  });
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
  return signal.aborted ? fail('stopped') : ok(begun);
}
