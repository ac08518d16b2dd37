import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { Preparation } from './launch-container.ts';

/** What to start the container from, by the name that the engine knows. */
export type Image = { name: string; warnings: string[] };

export async function obtainImage(preparation: Preparation): Promise<Result<Image, string>> {
  const { container } = preparation;
  if (container.image_tar !== null) return load(preparation, container.image_tar);
  if (container.image === null) return fail('container: there is neither an image nor an image_tar');
  return pull(preparation, container.image);
}

/** As dstack: what is there under a fixed tag or digest is taken; what `latest` means has to be asked each time. */
async function pull(
  { engine, container, signal, tell }: Preparation,
  image: string,
): Promise<Result<Image, string>> {
  const here = await engine.hasImage(image);
  if (here && !isMoving(image)) return ok({ name: image, warnings: [] });
  tell('pulling', image);
  const progress = (message: string) => tell('pulling', message);
  const pulled = await engine.pull(image, container.registry_auth, {
    signal,
    seconds: container.pull_timeout,
    progress,
  });
  if (pulled.ok) return ok({ name: image, warnings: [] });
  const error = withoutSecrets(pulled.error, container.registry_auth?.password);
  return here && !signal.aborted
    ? ok({ name: image, warnings: [`${error}; the one that was on the node already was taken`] })
    : fail(`image: ${error}`);
}

const isMoving = (image: string) => /(^|\/)[^/:@]+(:latest)?$/.test(image);

/** A registry, or a proxy before it, may quote what it was asked. */
const withoutSecrets = (text: string, secret: string | undefined) =>
  secret ? text.replaceAll(secret, '***') : text;

async function load(
  { engine, container, signal, tell }: Preparation,
  tar: string,
): Promise<Result<Image, string>> {
  const file = fs.statSync(tar, { throwIfNoEntry: false });
  if (file === undefined) return fail(`image_tar: there is no '${tar}' on this instance`);
  tell('loading', `${tar} (${Math.ceil(file.size / 1_000_000)} MB)`);
  const progress = (message: string) => tell('loading', message);
  const loaded = await engine.load(tar, { signal, seconds: container.pull_timeout, progress });
  if (!loaded.ok) return fail(`image_tar: ${loaded.error}`);
  if (container.image === null || loaded.value === tar) return ok({ name: loaded.value, warnings: [] });
  return (await engine.hasImage(container.image))
    ? ok({ name: container.image, warnings: [] })
    : fail(`image_tar: '${tar}' has ${loaded.value}, not ${container.image}`);
}
