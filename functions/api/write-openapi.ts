import { writeFileSync } from 'node:fs';
import packageJson from '../../package.json' with { type: 'json' };
import { openapi } from './openapi.ts';

// `node functions/api/write-openapi.ts`, after every change of a schema or a route: a test compares.
writeFileSync(
  new URL('./openapi.json', import.meta.url),
  `${JSON.stringify(openapi(packageJson.version), null, 2)}\n`,
);
