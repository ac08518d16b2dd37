import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundle.ts';

const bundles = await bundleFunctions(fileURLToPath(new URL('../../', import.meta.url)));
for (const { name, bytes } of bundles) console.log(`build/functions/${name}/handler.mjs  ${bytes} bytes`);
