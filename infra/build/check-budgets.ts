import { existsSync, readdirSync, statSync } from 'node:fs';
import budgets from './budgets.json' with { type: 'json' };
import { judge, table } from './budgets.ts';

const folder = new URL('../../build/functions/', import.meta.url);
const handlers = existsSync(folder)
  ? readdirSync(folder).map((name) => ({ name, file: new URL(`${name}/handler.mjs`, folder) }))
  : [];
const built = handlers
  .filter(({ file }) => existsSync(file))
  .map(({ name, file }) => [name, statSync(file).size] as const);

const verdicts = judge(Object.fromEntries(built), budgets);
console.log(table(verdicts));
if (verdicts.some(({ kind }) => kind !== 'within')) process.exitCode = 1;
