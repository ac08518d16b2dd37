import * as z from 'zod';
import type { TaskConfiguration } from '../configuration/normalized.ts';

/** GB of files, before they are packed. */
export const MOST_CODE_GB = 2;

/** Bytes of an archive: what does not get smaller by packing is the most. */
const MOST_BYTES = MOST_CODE_GB * 1024 ** 3 + 64 * 1024 ** 2;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 lower-case hex digits');

/** A gzipped tar of all files that a run brings along, by what is in it. */
export const CodeArchive = z
  .object({ sha256: Sha256, bytes: z.int().min(1).max(MOST_BYTES) })
  .meta({ id: 'CodeArchive' });
export type CodeArchive = z.infer<typeof CodeArchive>;

/** A folder of the archive, and where its content goes on each node: below the working directory, `~`, or the root. */
const CodePart = z.object({
  folder: z.string(),
  path: z.string(),
  /** `merge`: what is there under the same names is replaced. */
  if_exists: z.enum(['merge', 'error', 'skip']),
});
export type CodePart = z.infer<typeof CodePart>;

/** What an event keeps of a run's files: a retry has the very same. */
export const Code = CodeArchive.extend({ parts: z.array(CodePart) }).meta({ id: 'Code' });
export type Code = z.infer<typeof Code>;

/** Where files are put that go below the working directory, the user's home, and the root. */
const ROOTS = [
  { folder: 'work', path: '.' },
  { folder: 'home', path: '~' },
  { folder: 'root', path: '/' },
] as const;

/** The path of a file in the archive, by the one it has on a node. */
export function inArchive(path: string): string {
  if (path.startsWith('/')) return `root${path}`;
  return path === '~' || path.startsWith('~/') ? `home${path.slice(1)}` : `work/${path}`;
}

export const repoFolder = (index: number): string => `repo-${index}`;

/** The folders of the archive that a configuration asks for; none where it names no files. */
export function partsOf({ files, repos }: Pick<TaskConfiguration, 'files' | 'repos'>): CodePart[] {
  const folders = new Set(files.map(({ path }) => inArchive(path).split('/', 1)[0]));
  return [
    ...repos.map(({ path, if_exists }, index) => ({ folder: repoFolder(index), path, if_exists })),
    ...ROOTS.filter(({ folder }) => folders.has(folder)).map((root) => ({
      ...root,
      if_exists: 'merge' as const,
    })),
  ];
}
