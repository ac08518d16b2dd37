import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Written like .gitignore, for what git tracks and no run needs. */
export const SORTIEIGNORE = '.sortieignore';

/** Never a part of a run: git's own folder, and the embedded Sortie's data and profiles. */
const OURS = ['.git', '.sortie'];

/** The rules of the ignore files that were met so far, each for the folder that has it and what is below. */
export interface Rules {
  /** Reads the ignore files of a folder that are there, by their names. `''`: the outermost. */
  read(folder: string, names: readonly string[]): void;
  /** `path`: below the outermost folder; one of a folder ends with `/`. */
  ignores(path: string): boolean;
}

export function rulesBelow(outermost: string): Rules {
  const rules = new Map<string, Ignore>();
  return {
    read(folder, names) {
      const own = rules.get(folder) ?? ignore();
      for (const name of names) own.add(readFileSync(join(outermost, folder, name), 'utf8'));
      if (names.length > 0) rules.set(folder, own);
    },
    ignores(path) {
      const steps = path.split('/').filter((step) => step !== '');
      if (steps.some((step) => OURS.includes(step))) return true;
      // A file further in cannot take back in what one further out leaves out.
      return steps.some((_, depth) => {
        const own = rules.get(steps.slice(0, depth).join('/'));
        return own?.ignores(path.slice(steps.slice(0, depth).join('/').length).replace(/^\//, '')) ?? false;
      });
    },
  };
}
