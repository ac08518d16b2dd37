import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from '../infra/build/bundle.ts';
import { apart } from './apart.ts';
import { coldStarts } from './cold-start.ts';
import type { Counts } from './counts.ts';
import type { Crowd } from './crowd.ts';
import { benchFullTable } from './full-table.ts';
import type { OneRun } from './one-run.ts';
import type { PassFigures } from './pass.ts';
import { benchPlan } from './plan.ts';
import * as sections from './sections.ts';
import type { SimulationFigures } from './simulation.ts';
import { benchSync, CROWDS } from './sync.ts';

// npm run bench [-- --finished 100000] [--runs 200] [--repeats 20]
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const finished = option('finished', 0);
const runs = option('runs', 200);
const repeats = option('repeats', 20);

const root = fileURLToPath(new URL('../', import.meta.url));
const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const [from, to] = ['<!-- measured: npm run bench writes from here -->', '<!-- to here -->'];

const load = loadavg()[0] ?? 0;
const parts = [sections.machine({ model: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load })];

/** A measurement that goes wrong is shown and does not cost the others. */
async function measure(what: string, section: () => Promise<string>): Promise<void> {
  process.stderr.write(`${what} …\n`);
  try {
    parts.push(await section());
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    parts.push(`### ${what}\n\nNot measured: ${error instanceof Error ? error.message : String(error)}`);
  }
  console.log(`${parts.at(-1)}\n`);
}

await measure('One run', async () => sections.oneRun(await apart<OneRun>('one-run.ts', repeats)));
await measure('Runs at once', async () => sections.crowd(runs, await apart<Crowd>('crowd.ts', runs)));
await measure('Planning', async () => sections.planning(await benchPlan()));
await measure('A pass', async () => sections.pass(await apart<PassFigures>('pass.ts', repeats)));
await measure('A sync', async () => sections.sync(await benchSync(finished, CROWDS)));
await measure('The simulation', async () =>
  sections.simulation(await apart<SimulationFigures>('simulation.ts', 200)),
);
await measure('What a run takes', async () => sections.counts(await apart<Counts>('counts.ts', 5)));
await measure('Bundles', async () => {
  const bundles = await bundleFunctions(root);
  const files = bundles.map(({ name }) => ({ name, file: `${root}build/functions/${name}/handler.mjs` }));
  return sections.bundles(await coldStarts(files, 9));
});
if (finished > 0)
  await measure('A full table', async () => sections.fullTable(await benchFullTable(finished, repeats)));

const text = readFileSync(page, 'utf8');
const [before = '', rest = ''] = text.split(from);
const [, after = ''] = rest.split(to);
writeFileSync(page, `${before}${from}\n\n${parts.join('\n\n')}\n\n${to}${after}`);
console.log(`written to ${page}`);
