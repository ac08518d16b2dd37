import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** One deployable function: a single ES module with every package inside. `inputs` are the files that went in. */
export type Bundle = { name: string; file: string; bytes: number; inputs: string[] };

/** Every `functions/<name>/handler.ts` under `root`, by name. */
export function functionNames(root: string): string[] {
  const folder = join(root, 'functions');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(folder, entry.name)).includes('handler.ts'))
    .map((entry) => entry.name)
    .sort();
}

/** Bundles `functions/<name>/handler.ts` to `<out>/<name>/handler.mjs`. Throws on code that does not bundle. */
async function bundleFunction(options: { root: string; out: string; name: string }): Promise<Bundle> {
  const { root, out, name } = options;
  const file = join(out, name, 'handler.mjs');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [`functions/${name}/handler.ts`],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages that ship both forms are smaller as ES modules, since what is not used falls away.
    mainFields: ['module', 'main'],
    // The SDK loads these once neither the environment nor an endpoint has credentials: Lambda always sets the environment's.
    external: ['ini', 'login', 'process', 'sso', 'web-identity'].map(
      (source) => `@aws-sdk/credential-provider-${source}`,
    ),
    // CommonJS packages inside an ES module still call `require` for Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  if (output === undefined) throw new Error(`esbuild wrote nothing for functions/${name}`);
  return { name, file, bytes: output.bytes, inputs: Object.keys(output.inputs) };
}

/** Bundles every function of the project at `root`. */
export async function bundleFunctions(root: string, out = join(root, 'build/functions')): Promise<Bundle[]> {
  return Promise.all(functionNames(root).map((name) => bundleFunction({ root, out, name })));
}
