import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { must, PROJECT } from '../tools/process.ts';
import type { Variant } from './parameters.ts';

const serverless = join(PROJECT, 'node_modules/serverless/bin/serverless.js');

/** Bundles and documents, which every template names. */
export async function build(): Promise<void> {
  await must(process.execPath, ['infra/runner/build-documents.ts']);
  await must(process.execPath, ['infra/build/build-functions.ts']);
}

/**
 * The template that `serverless deploy` would send with these parameters, in a folder of its own under `into`: the path
 * of its file. Serverless keeps its work in the folder of serverless.yml, so each template has one.
 */
export async function synthesize(
  into: string,
  { name, parameters }: Variant,
  stage = 'dev',
): Promise<string> {
  const folder = mkdtempSync(join(into, `${name}-`));
  for (const needed of ['serverless.yml', 'infra/deployment', 'build/functions', 'build/documents'])
    cpSync(join(PROJECT, needed), join(folder, needed), { recursive: true });
  const options = Object.entries(parameters).flatMap(([key, value]) => ['--param', `${key}=${value}`]);
  await must(process.execPath, [serverless, 'package', '--stage', stage, ...options], { cwd: folder });
  return join(folder, '.serverless/cloudformation-template-update-stack.json');
}
