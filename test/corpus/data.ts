import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** A file of the corpus: recordings of EC2 and dstack that lie beside the repository, since they are not Sortie's. */
export function corpusPath(name: string): string {
  if (existsSync(folder)) return `${folder}${name}`;
  throw new Error(
    `the corpus is missing: \`npm run test:corpus\` compares Sortie with recordings in ${folder}, which the repository does not contain. Every other test runs without them: npm run test:all`,
  );
}

export const corpusText = (name: string): string => readFileSync(corpusPath(name), 'utf8');
