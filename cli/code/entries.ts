import { lstatSync, readlinkSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TaskConfiguration } from '../../domain/configuration/normalized.ts';
import type { Problem } from '../../domain/configuration/problem.ts';
import { inArchive, MOST_CODE_GB, repoFolder } from '../../domain/run/code.ts';
import { Failure } from '../exit.ts';
import { memory } from '../terminal/units.ts';
import { git, listFolder } from './list-folder.ts';

/** A file or a link of the archive. */
export interface Entry {
  /** In the archive. */
  readonly name: string;
  readonly from: string;
  readonly size: number;
  readonly mode: number;
  /** Of a symbolic link. */
  readonly target: string | null;
  /** Differs once the file was written or replaced: no write leaves the time of its last change, ctime, as it was. */
  readonly stamp: string;
  /** Of that change, in milliseconds. */
  readonly changedAt: number;
}

type Named = Pick<TaskConfiguration, 'files' | 'repos'>;
type Invalid = (problems: readonly Problem[]) => Failure;

const expanded = (path: string): string => path.replace(/^~(?=\/|$)/, homedir());

/**
 * All files that a configuration names, sorted by their names in the archive, each read from its place and none of them
 * opened. Where two have one name the later counts. `beside`: the folder of the configuration.
 */
export async function entriesOf(named: Named, beside: string, invalid: Invalid): Promise<Entry[]> {
  const entries = new Map<string, Entry>();
  const add = (name: string, from: string) => {
    const entry = entryAt(name, from);
    if (entry !== null) entries.set(name, entry);
  };
  const addFolder = async (name: string, from: string) => {
    for (const path of await listFolder(from)) add(`${name}/${path}`, join(from, path));
  };
  for (const [index, { local_path }] of named.repos.entries()) {
    const from = resolve(beside, expanded(local_path ?? '.'));
    const wrong = await whyNoRepository(from, local_path ?? '.');
    if (wrong !== null) throw invalid([{ path: ['repos', index], ...wrong }]);
    await addFolder(repoFolder(index), from);
  }
  for (const [index, { local_path, path }] of named.files.entries()) {
    const from = resolve(beside, expanded(local_path));
    const found = statSync(from, { throwIfNoEntry: false });
    const name = inArchive(path).replace(/\/\.?$/, '');
    if (found?.isDirectory()) await addFolder(name, from);
    else if (found === undefined || name.split('/').length < 2) {
      const message =
        found === undefined
          ? `there is no file ${local_path}`
          : `${local_path} is a file, and ${path} a folder`;
      const hint =
        found === undefined
          ? `it is looked for beside the configuration: ${from}`
          : 'write the name that it is to have';
      throw invalid([{ path: ['files', index], message, hint }]);
    } else add(name, from);
  }
  const all = [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return withinLimit(all);
}

/** Null: it is not there any more, though git still tracks it; or it is a folder, which git lists of a submodule. */
function entryAt(name: string, from: string): Entry | null {
  const found = lstatSync(from, { throwIfNoEntry: false, bigint: true });
  if (found === undefined || found.isDirectory()) return null;
  const isLink = found.isSymbolicLink();
  if (!isLink && !found.isFile())
    throw new Failure(`${from} is neither a file nor a link: a socket, a pipe or a device cannot be sent`, {
      next: `name it in ${join(dirname(from), '.sortieignore')}`,
    });
  return {
    ...{ name, from },
    size: isLink ? 0 : Number(found.size),
    mode: Number(found.mode) & 0o777,
    target: isLink ? readlinkSync(from) : null,
    stamp: `${found.ino} ${found.size} ${found.mode} ${found.mtimeNs} ${found.ctimeNs}`,
    changedAt: Number(found.ctimeMs),
  };
}

async function whyNoRepository(folder: string, written: string): Promise<Omit<Problem, 'path'> | null> {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined)
    return {
      message: `there is no folder ${written}`,
      hint: `it is looked for beside the configuration: ${folder}`,
    };
  if (!found.isDirectory()) return { message: `${written} is no folder`, hint: 'a file goes under `files`' };
  const top = await git(folder, 'rev-parse', '--show-prefix');
  if (top === null)
    return {
      message: `${written} is no git repository, or git is not installed`,
      hint: `send it without git: files: [${written}]`,
    };
  const prefix = top.toString().trim();
  if (prefix === '') return null;
  const up = prefix
    .split('/')
    .filter(Boolean)
    .map(() => '..')
    .join('/');
  return {
    message: `${written} is a folder in a git repository, not the whole`,
    hint: `write repos: [${join(written, up)}], or files: [${written}]`,
  };
}

const LIMIT = MOST_CODE_GB * 1024 ** 3;

function withinLimit(entries: Entry[]): Entry[] {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= LIMIT) return entries;
  const largest = entries.toSorted((a, b) => b.size - a.size).slice(0, 10);
  const lines = largest.map(({ from, size }) => `${inUnits(size).padStart(10)}  ${from}`);
  throw new Failure(
    `the files of the run are ${inUnits(bytes)}; at most ${MOST_CODE_GB}GB are sent. The largest:\n${lines.join('\n')}`,
    { next: 'name in .sortieignore what the run does not need, and fetch data in `commands`' },
  );
}

const inUnits = (bytes: number): string => memory(Math.max(1, Math.round(bytes / 1024 ** 2)));
