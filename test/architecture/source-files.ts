import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type SourceFile = { path: string; lines: number; text: string };

/** The code of the given folders, those that exist; golden files and data are not code. */
export function sourceFiles(root: string, folders: readonly string[]): SourceFile[] {
  const present = readdirSync(root);
  return folders
    .filter((folder) => present.includes(folder))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    )
    .filter((path) => /\.(ts|mjs)$/.test(path) && !/(^|\/)(golden|fixtures)\//.test(path))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, lines: text.split('\n').length - 1 };
    });
}

/** The middle one of the numbers, the lower of two. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0;
}
