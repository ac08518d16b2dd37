import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { currentDeployment, deploymentAt } from './deployments.ts';
import { environment } from './environment.ts';
import { Exit, Failure, usage } from './exit.ts';

/** Where to ask, and as whom. */
export interface Connection {
  /** Without a slash at the end. */
  readonly url: string;
  /** `null`: there is none; a refusal will say how to come by one. */
  readonly token: string | null;
  /** What to do where nobody answers. */
  readonly unanswered: string;
}

export interface Target {
  readonly url?: string;
  readonly token?: string;
  readonly data?: string;
}

/** The endpoints of a running embedded Sortie, as it leaves them in its data directory. */
export const Endpoints = z.object({ api: z.url(), dynamodb: z.string(), table: z.string() });
export type Endpoints = z.infer<typeof Endpoints>;

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const EMBEDDED = 'http://127.0.0.1:3000';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** By flag, else by environment, else the deployment that was made last, else the embedded Sortie of this folder or of the project's. */
export function connectionOf(target: Target): Connection {
  const asked = target.url ?? environment.SORTIE_URL;
  const data = target.data ?? environment.SORTIE_DATA;
  const deployment = asked === undefined && data === undefined ? currentDeployment() : undefined;
  return deployment === undefined
    ? byAddressOrFolder(target, asked, data)
    : {
        url: deployment.url,
        token: target.token ?? environment.SORTIE_TOKEN ?? deployment.token,
        unanswered: `is it still there? sortie deploy --stage ${deployment.stage} --region ${deployment.region}; for the embedded Sortie add --data .sortie`,
      };
}

function byAddressOrFolder(target: Target, asked: string | undefined, data: string | undefined): Connection {
  const start = `npm start${data === undefined ? '' : ` -- --data ${data}`}`;
  const left = asked === undefined ? endpoints(target)?.api : undefined;
  if (asked === undefined && data !== undefined && left === undefined)
    throw new Failure(`no Sortie has been started in ${data}`, { exit: Exit.unreachable, next: start });
  const url = asked === undefined ? (left ?? EMBEDDED) : checked(asked);
  const embedded = LOOPBACK.test(new URL(url).hostname);
  // A folder that came with somebody's project may name any address: what it names gets its own token and no other.
  if (left !== undefined && !embedded)
    throw usage(
      `${shownData(target)}/endpoints.json names ${left}, and an embedded Sortie is on this machine`,
      'remove that folder, or name the address yourself, with --url or SORTIE_URL',
    );
  const ofTheUser = left === undefined ? environment.SORTIE_TOKEN : undefined;
  // The embedded Sortie's token is its administrator's: it is not for other hosts.
  const kept = asked === undefined ? undefined : deploymentAt(asked)?.token;
  const token = target.token ?? ofTheUser ?? kept ?? (embedded ? readData(target, 'token') : undefined);
  return {
    url: url.replace(/\/+$/, ''),
    token: token?.trim() || null,
    unanswered: embedded
      ? `is Sortie running? start it with: ${start}`
      : 'check the address, with --url or SORTIE_URL',
  };
}

export function endpoints(target: Target): Endpoints | undefined {
  const text = readData(target, 'endpoints.json');
  if (text === undefined) return undefined;
  const known = Endpoints.safeParse(parsed(text, target));
  if (known.success) return known.data;
  // Each comes in as its service is up, the API's last.
  throw new Failure(`the Sortie of ${shownData(target)} has not come up yet`, {
    exit: Exit.unreachable,
    next: 'wait until it says `ready`, or see why it does not',
  });
}

function parsed(text: string, target: Target): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usage(`${shownData(target)}/endpoints.json is damaged: ${(error as Error).message}`, 'npm start');
  }
}

/** Where the embedded Sortie's data may be: as asked, else `.sortie` here or in the project's folder. */
function dataFolders(target: Target): string[] {
  const asked = target.data ?? environment.SORTIE_DATA;
  return asked === undefined
    ? [...new Set([resolve('.sortie'), join(PROJECT, '.sortie')])]
    : [resolve(asked)];
}

export const shown = (path: string): string => {
  const near = relative('', path);
  return near === '' || near.startsWith('..') ? path : near;
};
const shownData = (target: Target): string => shown(dataFolders(target)[0] ?? '.sortie');

/** A file of the embedded Sortie's data folder; undefined: it is not there. */
export function readData(target: Target, name: string): string | undefined {
  for (const folder of dataFolders(target)) {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR')
        throw usage(`cannot read ${shown(join(folder, name))}: ${code ?? String(error)}`);
    }
  }
  return undefined;
}

function checked(url: string): string {
  const parsed = URL.parse(url);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return url;
  throw usage(
    `${JSON.stringify(url)} is no URL that Sortie could answer at`,
    'write it as in --url http://127.0.0.1:3000',
  );
}
