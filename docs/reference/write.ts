import { writeFileSync } from 'node:fs';
import { referencePages } from './pages.ts';

// `npm run reference`, after every change of a field or a command: a test compares.
for (const [name, text] of referencePages()) writeFileSync(new URL(name, import.meta.url), text);
