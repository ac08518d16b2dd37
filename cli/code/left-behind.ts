import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Configuration } from '../configuration.ts';

/** `train.py`, `scripts/run.sh`: a word of a command that could be a file of the user's. */
const FILE = /(?<![\w$~./-])(?:\.\/)?\w[\w./-]*\.\w+(?![\w/])/g;

/** A file beside the configuration that a command names and nothing brings to the instance. Null: there is none. */
export function leftBehind({ file, task }: Configuration): string | null {
  const { files, repos, groups } = task;
  if (files.length > 0 || repos.length > 0) return null;
  const beside = dirname(file);
  const commands = [...task.commands, ...(groups ?? []).flatMap((group) => group.commands)];
  const named = commands.flatMap((command) => command.match(FILE) ?? []).slice(0, 100);
  return named.find((name) => statSync(join(beside, name), { throwIfNoEntry: false })?.isFile()) ?? null;
}
