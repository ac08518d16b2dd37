import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { bundleRunner } from './bundle-runner.ts';
import { documents } from './documents/documents.ts';

/** Writes `build/documents/<kind>.json`, which `serverless.yml` deploys and the embedded AWS runs. */
export async function writeDocuments(): Promise<void> {
  const directory = new URL('../../build/documents/', import.meta.url);
  mkdirSync(directory, { recursive: true });
  for (const { kind, content } of documents('sortie', await bundleRunner())) {
    // Whole at every moment: another Sortie of this clone may just be reading it.
    const draft = new URL(`.${kind}-${process.pid}.json`, directory);
    writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(draft, new URL(`${kind}.json`, directory));
  }
}
