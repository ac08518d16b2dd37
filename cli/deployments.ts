import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { environment } from './environment.ts';
import { Failure } from './exit.ts';

/** A deployment that this user has made, and calls with a token of their own. */
const Deployment = z.object({
  stage: z.string(),
  region: z.string(),
  account: z.string(),
  /** Where its API answers; `null`: it has not been deployed to its end yet. */
  url: z.url().nullable(),
  token: z.string(),
});
export type Deployment = z.infer<typeof Deployment>;

const Kept = z.object({
  /** The one that commands go to. */
  current: z.string().nullable(),
  deployments: z.record(z.string(), Deployment),
});
type Kept = z.infer<typeof Kept>;

type Key = Pick<Deployment, 'stage' | 'region' | 'account'>;
const keyOf = ({ stage, region, account }: Key): string => `${account}/${region}/${stage}`;

/**
 * In the user's own configuration, and never in a folder that `sortie` is typed in: whoever made that folder could else
 * name an address that the token is sent to.
 */
const FOLDER = join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'sortie');
const FILE = 'deployments.json';
export const keptAt = join(FOLDER, FILE);

function read(folder = FOLDER): Kept {
  const file = join(folder, FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { current: null, deployments: {} };
    throw new Failure(`cannot read ${file}: ${code ?? String(error)}`, { cause: error });
  }
  try {
    return Kept.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure(`${file} is damaged`, {
      next: `mend it, or move it away and deploy again, which makes a new token: mv ${file} ${file}.old`,
      cause,
    });
  }
}

function write(kept: Kept, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const half = join(folder, `${FILE}.${process.pid}`);
  writeFileSync(half, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  chmodSync(half, 0o600);
  renameSync(half, join(folder, FILE));
}

export const deploymentOf = (key: Key): Deployment | undefined => read().deployments[keyOf(key)];

/** The one that was deployed last, once it answers. */
export function currentDeployment(): (Deployment & { readonly url: string }) | undefined {
  const { current, deployments } = read();
  const found = current === null ? undefined : deployments[current];
  return found === undefined || found.url === null ? undefined : { ...found, url: found.url };
}

/** By the address of its API. */
export const deploymentAt = (url: string): Deployment | undefined =>
  Object.values(read().deployments).find((one) => one.url === url.replace(/\/+$/, ''));

/** Keeps it; one with an address is from now on the one that commands go to. */
export function keep(deployment: Deployment, folder = FOLDER): void {
  const { current, deployments } = read(folder);
  const kept = {
    current: deployment.url === null ? current : keyOf(deployment),
    deployments: { ...deployments, [keyOf(deployment)]: deployment },
  };
  write(kept, folder);
}

export function forget(key: Key): void {
  const { current, deployments } = read();
  const { [keyOf(key)]: gone, ...others } = deployments;
  if (gone !== undefined)
    write({ current: current === keyOf(key) ? null : current, deployments: others }, FOLDER);
}
