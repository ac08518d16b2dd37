import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** How long a bundle takes to import in a fresh process, without the start of Node itself. Times in ms. */
export type ColdStart = { name: string; bytes: number; median: number; fastest: number; slowest: number };

/** Values of the right shape: functions read their environment as they load, and connect to nothing yet. */
const environment = {
  AWS_REGION: 'us-east-1',
  SORTIE_STAGE: 'bench',
  SORTIE_TABLE: 'sortie-bench',
  SORTIE_BUCKET: 'sortie-bench',
  SORTIE_SECRETS: '/sortie/bench',
  SORTIE_BUS: 'sortie-bench',
  SORTIE_LOG_GROUP: '/sortie/bench/jobs',
  SORTIE_API_URL: 'http://127.0.0.1:1',
  SORTIE_TOKENS: `bench:${'0'.repeat(64)}`,
  SORTIE_DOCUMENT_PREFIX: 'sortie-bench',
  SORTIE_REGION: 'us-east-1',
  SORTIE_NODE_PROFILE: 'sortie-bench',
  SORTIE_SECURITY_GROUP: 'sg-0123456789abcdef0',
  SORTIE_SUBNETS: 'us-east-1a=subnet-0123456789abcdef0',
  SORTIE_PUBLIC_IPV4: 'yes',
  SORTIE_IMAGES: 'x86_64=ami-0123456789abcdef0,arm64=ami-0123456789abcdef1,nvidia=ami-0123456789abcdef2',
  SORTIE_FLEET_INSTANCES: '20',
  SORTIE_CONCURRENT_LAUNCHES: '20',
  SORTIE_LAUNCHES_PER_SECOND: '2',
  SORTIE_CLOUD_CALLS_PER_SECOND: '20',
  SORTIE_PRICE_FACTOR: '1.5',
  SORTIE_DEADMAN_SECONDS: '600',
  SORTIE_DEAD_LETTERS: 'http://127.0.0.1:1/000000000000/sortie-bench-dead-letters',
};

/** Imports each bundle `runs` times, one process after the other, so that they do not share the cores. */
export async function coldStarts(
  bundles: { name: string; file: string }[],
  runs: number,
): Promise<ColdStart[]> {
  const rows: ColdStart[] = [];
  for (const { name, file } of bundles) {
    const times: number[] = [];
    for (let run = 0; run < runs; run++) times.push(await importTime(file));
    times.sort((a, b) => a - b);
    const at = (index: number) => times[index] ?? Number.NaN;
    rows.push({
      name,
      bytes: statSync(file).size,
      median: at(Math.floor(times.length / 2)),
      fastest: at(0),
      slowest: at(times.length - 1),
    });
  }
  return rows;
}

async function importTime(file: string): Promise<number> {
  const measure = `const start = performance.now();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(performance.now() - start);
    process.exit();`;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', measure], {
    env: environment,
  });
  const time = Number(stdout.trim().split('\n').at(-1));
  if (!Number.isFinite(time))
    throw new Error(`${file} printed ${JSON.stringify(stdout)} instead of its import time`);
  return time;
}

/** The rows as lines for people and for docs/performance.md. */
export function report(rows: readonly ColdStart[]): string {
  return rows
    .map(({ name, bytes, median, fastest, slowest }) => {
      const size = `${(bytes / 1000).toFixed(0)} kB`;
      return `${name.padEnd(10)} ${size.padStart(8)}  import ${median.toFixed(0)} ms (${fastest.toFixed(0)}–${slowest.toFixed(0)})`;
    })
    .join('\n');
}

if (import.meta.main) {
  const { functionNames } = await import('../infra/build/bundle.ts');
  const root = new URL('../', import.meta.url);
  const names = functionNames(root.pathname);
  const bundles = names.map((name) => ({
    name,
    file: new URL(`build/functions/${name}/handler.mjs`, root).pathname,
  }));
  console.log(report(await coldStarts(bundles, 9)));
}
