import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The supervisor as one CommonJS text that Node 18 or newer runs: what start-job writes on an instance. */
export async function bundleRunner(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('supervisor/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    // Node's own import() loads the whole ESM loader: 35 ms before the first request, where require takes 4.
    supported: { 'dynamic-import': false },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild wrote no file for infra/runner/supervisor/main.ts');
  return file.text;
}
