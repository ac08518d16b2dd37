import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue, Content } from '../../domain/planning/catalogue.ts';
import { decodeCatalogue, encodeCatalogue } from './file.ts';

const catalogueFile = /^([a-z]{2}(-[a-z]+)+-\d+)\.json$/;

/** The catalogue that a folder has of a region; `null`: none yet. */
export async function readCatalogue(folder: string, region: string): Promise<Catalogue | null> {
  const present = await readdir(folder);
  if (!present.includes(`${region}.json`)) return null;
  return decodeCatalogue(JSON.parse(await readFile(join(folder, `${region}.json`), 'utf8')));
}

/** Puts a catalogue into a folder, and every catalogue there into `shipped.ts`, which the functions load. */
export async function writeCatalogue(folder: string, catalogue: Content): Promise<string> {
  const path = join(folder, `${catalogue.region}.json`);
  await writeFile(path, encodeCatalogue(catalogue).text);
  const regions = (await readdir(folder)).flatMap((name) => catalogueFile.exec(name)?.[1] ?? []).sort();
  await writeFile(join(folder, 'shipped.ts'), shippedModule(regions));
  return path;
}

function shippedModule(regions: readonly string[]): string {
  return [
    '// Written by refresh.ts: every catalogue in this folder.',
    ...regions.map((region) => `import ${variable(region)} from './${region}.json' with { type: 'json' };`),
    '',
    'export const shipped: Readonly<Record<string, unknown>> = {',
    ...regions.map((region) => `  '${region}': ${variable(region)},`),
    '};',
    '',
  ].join('\n');
}

/** `us-east-1` as `usEast1`. */
const variable = (region: string): string =>
  region.replaceAll(/-(.)/g, (_, first: string) => first.toUpperCase());
