import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { quiet, startSortie } from './sortie.ts';
import { type Spread, spreadOf } from './spread.ts';

/** Milliseconds from the request to what the row says, by the one clock that the machine has. */
export interface OneRun {
  readonly accepted: Spread;
  readonly running: Spread;
  readonly done: Spread;
  readonly terminated: Spread;
}

/** One run after the other on one idle instance; the first, which launches it, is not counted. */
export async function benchOneRun(repeats: number): Promise<OneRun> {
  const bench = await startSortie();
  try {
    const first = await bench.submit(['true']);
    await bench.until(first.id, 'done');
    const [accepted, running, done, terminated]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let index = 0; index < repeats; index++) {
      await quiet(bench);
      const mark = join(bench.marks, `started-${index}`);
      const sent = Date.now();
      await bench.submit([`date +%s%3N >${mark}.part && mv ${mark}.part ${mark}`]);
      accepted.push(Date.now() - sent);
      await present(mark);
      running.push(Number(readFileSync(mark, 'utf8')) - sent);

      await quiet(bench);
      const started = performance.now();
      await bench.until((await bench.submit(['true'])).id, 'done');
      done.push(performance.now() - started);

      await quiet(bench);
      const long = await bench.submit(['sleep 600']);
      await bench.until(long.id, 'running');
      await quiet(bench);
      const asked = performance.now();
      await bench.post(`/v1/runs/${long.id}/stop`, '');
      await bench.until(long.id, 'terminated');
      terminated.push(performance.now() - asked);
    }
    return {
      accepted: spreadOf(accepted),
      running: spreadOf(running),
      done: spreadOf(done),
      terminated: spreadOf(terminated),
    };
  } finally {
    await bench.end();
  }
}

export async function present(mark: string): Promise<void> {
  while (!existsSync(mark)) await pause(2);
}

if (import.meta.main)
  process.stdout.write(`${JSON.stringify(await benchOneRun(Number(process.argv[2] ?? 10)))}\n`);
