import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../exit.ts';
import { rulesBelow, SORTIEIGNORE } from './ignored.ts';

const run = promisify(execFile);

/** Names of a million files. */
const MOST_NAMES = 256 * 1024 * 1024;

/** Null: git is not here, or says that it cannot. */
export async function git(folder: string, ...args: string[]): Promise<Buffer | null> {
  try {
    const { stdout } = await run('git', ['-C', folder, ...args], {
      encoding: 'buffer',
      maxBuffer: MOST_NAMES,
    });
    return stdout;
  } catch {
    return null;
  }
}

/**
 * The files and symbolic links of a folder, by their paths below it and in no order: what git tracks, and what it does not
 * track and does not ignore; without git, what no .gitignore leaves out. In both cases less what a .sortieignore does.
 */
export async function listFolder(folder: string): Promise<string[]> {
  const known = await listedByGit(folder);
  return withoutData(folder, known === null ? walked(folder) : withoutIgnored(folder, known));
}

/** Without the data folder of an embedded Sortie, wherever `--data` has put it: its tokens and secrets are for no job. */
function withoutData(folder: string, paths: readonly string[]): string[] {
  const data = paths
    .filter((path) => basename(path) === 'token' && existsSync(join(folder, dirname(path), 'aws.db')))
    .map((path) => dirname(path));
  return paths.filter((path) => !data.some((one) => one === '.' || path.startsWith(`${one}/`)));
}

async function listedByGit(folder: string): Promise<string[] | null> {
  const names = await git(
    folder,
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
  );
  if (names === null) return null;
  // A folder that its repository ignores was named on purpose.
  if ((await git(dirname(folder), 'check-ignore', '-q', '--', basename(folder))) !== null) return null;
  const text = names.toString();
  if (text.includes('\ufffd')) throw notUtf8(folder);
  const listed = text.split('\0').filter((name) => name !== '');
  const nested: string[] = [];
  for (const name of await repositoriesAmong(folder, listed)) {
    const own = name.replace(/\/$/, '');
    // A folder that is no repository is one more folder of this one to git.
    if (!existsSync(join(folder, own, '.git')))
      throw new Failure(`${join(folder, own)} is a submodule that is not there`, {
        next: `git -C ${folder} submodule update --init ${own}`,
      });
    const inside = await listFolder(join(folder, own));
    nested.push(...inside.map((path) => `${own}/${path}`));
  }
  return [...listed, ...nested];
}

/** Submodules, and repositories in this one that it does not track: git lists their folders, and nothing in them. */
async function repositoriesAmong(folder: string, listed: readonly string[]): Promise<string[]> {
  const staged = await git(folder, 'ls-files', '-z', '--stage');
  const submodules = (staged?.toString() ?? '')
    .split('\0')
    .filter((line) => line.startsWith('160000 '))
    .map((line) => line.slice(line.indexOf('\t') + 1));
  return [...submodules, ...listed.filter((name) => name.endsWith('/'))];
}

function withoutIgnored(folder: string, listed: readonly string[]): string[] {
  const rules = rulesBelow(folder);
  for (const path of listed)
    if (basename(path) === SORTIEIGNORE)
      rules.read(dirname(path) === '.' ? '' : dirname(path), [SORTIEIGNORE]);
  return listed.filter((path) => !rules.ignores(path));
}

function walked(outermost: string): string[] {
  const rules = rulesBelow(outermost);
  const found: string[] = [];
  const waiting = [''];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = readdirSync(join(outermost, folder), { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    rules.read(
      folder,
      files.filter((name) => name === '.gitignore' || name === SORTIEIGNORE),
    );
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (path.includes('\ufffd')) throw notUtf8(join(outermost, folder));
      if (rules.ignores(entry.isDirectory() ? `${path}/` : path)) continue;
      if (entry.isDirectory()) waiting.push(path);
      else found.push(path);
    }
  }
  return found;
}

const notUtf8 = (folder: string): Failure =>
  new Failure(`a file in ${folder} has a name that is not UTF-8`, {
    next: 'rename it, or name it in a .gitignore',
  });
