import { parseArgs } from 'node:util';
import { planOf } from './plan.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { tellFailure } from './told-failure.ts';

const usage = `npm run simulate -- [--seeds N] [--from N] [--seed N]

  --seeds N   how many seeds (default 1000)
  --from N    the first of them (default 1)
  --seed N    this one alone

Exits with 1 when an invariant is broken, after printing what it takes.
`;

const options = { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' } } as const;
const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const number = (name: keyof typeof options, otherwise: number): number => {
  const given = Number(values[name] ?? otherwise);
  if (Number.isSafeInteger(given) && given >= 0) return given;
  process.stderr.write(`--${name} takes a whole number\n\n${usage}`);
  process.exit(2);
};
const from = number('seed', number('from', 1));
const seeds = values.seed === undefined ? number('seeds', 1_000) : 1;

const [begun, failing] = [performance.now(), [] as number[]];
let [steps, commits] = [0, 0];
for (let seed = from; seed < from + seeds; seed++) {
  const plan = planOf(seed);
  const outcome = await simulate(plan);
  steps += outcome.steps;
  commits += outcome.commits;
  if (outcome.violation !== undefined) {
    failing.push(seed);
    process.stdout.write(`\n${tellFailure(await shrink(plan, outcome))}\n\n`);
  }
  const done = seed - from + 1;
  if (done % 100 === 0) process.stdout.write(`${done} seeds, ${failing.length} failed\n`);
}
const seconds = (performance.now() - begun) / 1_000;
process.stdout.write(
  `${seeds} seeds (${from} to ${from + seeds - 1}), ${failing.length} failed${failing.length > 0 ? `: ${failing.join(', ')}` : ''}\n` +
    `${(seeds / seconds).toFixed(1)} seeds/s, ${Math.round(steps / seconds)} events/s, ${commits} commits, all as their events say\n`,
);
process.exitCode = failing.length > 0 ? 1 : 0;
