import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type RunDetail, RunDetail as RunDetailSchema } from '../domain/api/run.ts';
import { startEmbedded } from '../infra/local/embedded-sortie.ts';
import { configuration } from './sortie.ts';
import { spreadOf } from './spread.ts';

// node bench/first-jobs.ts [--jobs 1000] [--at-once 10]
// Jobs that each have a new instance, at the embedded AWS's default unkindness: how many fail for their machine's sake?

/** A boot that is given up takes ten minutes of the functions' clock. */
const CLOCK_RATE = 5;
const FINAL = ['done', 'failed', 'terminated', 'aborted'];

const { values } = parseArgs({ options: { jobs: { type: 'string' }, 'at-once': { type: 'string' } } });
const jobs = Number(values.jobs ?? 1_000);
const atOnce = Number(values['at-once'] ?? 10);

const folder = mkdtempSync(join(tmpdir(), 'sortie-first-jobs-'));
const sortie = await startEmbedded({ port: 0, dataDir: join(folder, 'data'), clockRate: CLOCK_RATE });
const headers = { authorization: `Bearer ${sortie.token}`, 'content-type': 'application/yaml' };
const ask = async (method: 'GET' | 'POST', path: string, body: string | null): Promise<RunDetail> => {
  const answer = await fetch(sortie.url + path, { method, headers, ...(body !== null && { body }) });
  // The functions' time limits are of their clock as well: a machine with other work on it may exceed one.
  if (method === 'GET' && answer.status >= 500) return pause(500).then(() => ask(method, path, body));
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return RunDetailSchema.parse(await answer.json());
};

async function firstJob(): Promise<{ run: RunDetail; seconds: number }> {
  const began = performance.now();
  // Ended as soon as it is idle: the next has one of its own.
  let run = await ask('POST', '/v1/runs', configuration(['echo hello'], 'idle_duration: 0s\n'));
  while (!FINAL.includes(run.status)) {
    await pause(200);
    run = await ask('GET', `/v1/runs/${run.id}`, null);
  }
  return { run, seconds: (performance.now() - began) / 1_000 };
}

try {
  const ended: { run: RunDetail; seconds: number }[] = [];
  let left = jobs;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) ended.push(await firstJob());
    }),
  );
  const failed = ended.filter(({ run }) => run.status !== 'done');
  const again = ended.filter(({ run }) => run.jobs.some(({ submissions }) => submissions.length > 1));
  const instances = new Set(
    ended.flatMap(({ run }) =>
      run.jobs.flatMap(({ submissions }) => submissions.map(({ instance }) => instance)),
    ),
  );
  const { median, p95, max } = spreadOf(ended.map(({ seconds }) => seconds));
  console.log(
    `${jobs} jobs on ${instances.size} instances: ${failed.length} failed, ${again.length} begun on a second instance; ` +
      `submit to done: median ${median.toFixed(2)} s, p95 ${p95.toFixed(2)} s, max ${max.toFixed(2)} s`,
  );
  for (const { run } of failed) console.log(`${run.name}: ${run.status}: ${run.message}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  await sortie.close('end');
  rmSync(folder, { recursive: true, force: true });
}
