import { writeFileSync } from 'node:fs';
import { referencePages } from './configuration-reference.ts';

// `npm run reference`, after every change of a field: a test compares.
for (const [name, text] of referencePages())
  writeFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), text);
