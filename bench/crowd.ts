import { setTimeout as pause } from 'node:timers/promises';
import { RunList } from '../domain/api/run.ts';
import { startSortie } from './sortie.ts';
import { type Spread, spreadOf } from './spread.ts';

/** Seconds until all were accepted, and until all were done; `runs`: of each, from its submission to its end. */
export interface Crowd {
  readonly accepted: number;
  readonly done: number;
  readonly runs: Spread;
  readonly instances: number;
}

/** `count` runs at once on an empty fleet with its default limit of 20 instances, their launch included. */
export async function benchCrowd(count: number): Promise<Crowd> {
  const bench = await startSortie();
  try {
    const start = performance.now();
    const submitted = await Promise.all(Array.from({ length: count }, () => bench.submit(['true'])));
    const accepted = (performance.now() - start) / 1000;
    while (RunList.parse(await bench.get('/v1/runs?status=active')).runs.length > 0) await pause(100);
    const done = (performance.now() - start) / 1000;
    const runs = await Promise.all(submitted.map(({ id }) => bench.run(id)));
    const wrong = runs.find(({ status }) => status !== 'done');
    if (wrong) throw new Error(`run ${wrong.name} is ${wrong.status}: ${wrong.message}`);
    const seconds = runs.map(
      (run) => (Date.parse(run.finished_at ?? '') - Date.parse(run.submitted_at)) / 1000,
    );
    const used = runs.flatMap(({ jobs }) =>
      jobs.flatMap((job) => job.submissions.map((one) => one.instance)),
    );
    return { accepted, done, runs: spreadOf(seconds), instances: new Set(used).size };
  } finally {
    await bench.end();
  }
}

if (import.meta.main)
  process.stdout.write(`${JSON.stringify(await benchCrowd(Number(process.argv[2] ?? 200)))}\n`);
