import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const usage = `npm run chaos -- [--jobs N] [--seed N]

  --jobs N   how many (default 1000)
  --seed N   of what goes wrong (default: another each time; it is printed)

Jobs on an embedded AWS where calls fail, machines break, hang and are taken back, and Sortie is killed five times on
the way. Exits with 1 when something went as it must not, with what it was.
`;

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '1000' }, seed: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
for (const [name, value] of Object.entries({ jobs: values.jobs, seed: values.seed ?? '0' })) {
  if (/^\d+$/.test(value)) continue;
  process.stderr.write(`--${name} takes a whole number\n\n${usage}`);
  process.exit(2);
}
const { status, error } = spawnSync(
  'vitest',
  ['run', 'test/end-to-end/chaos.test.ts', '-t', 'kill -9', '--disableConsoleIntercept'],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      SORTIE_CHAOS_JOBS: values.jobs,
      ...(values.seed !== undefined && { SORTIE_TEST_SEED: values.seed }),
    },
  },
);
if (error) throw new Error('vitest did not start: type npm run chaos', { cause: error });
process.exitCode = status ?? 1;
