import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { RunList, RunSummary } from '../../domain/api/run.ts';
import { placeText } from '../../domain/queue/place.ts';
import { activeRuns } from '../client/active-runs.ts';
import type { Client } from '../client/client.ts';
import { interruptible } from '../interrupt.ts';
import { runTable } from '../show/runs.ts';
import { err, out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples, paged, whole } from './asking.ts';

type Options = Common & {
  readonly all?: true;
  readonly watch?: true;
  readonly last: number;
  readonly cursor?: string;
};

export const ps = (): Command =>
  asking('ps')
    .summary('list runs')
    .description(
      'Lists the runs that have not ended, newest first; where there are none, the newest that has.',
    )
    .option('-a, --all', 'ended runs too, page by page')
    .addOption(
      paged('-n, --last <count>', 'so many runs a page; implies -a').argParser(whole(1, 200)).default(50),
    )
    .addOption(paged('--cursor <cursor>', 'the next page, as the one before says; implies -a'))
    .option('-w, --watch', 'go on showing them, until Ctrl-C')
    .addHelpText('after', examples('sortie ps', 'sortie ps -n 10'))
    .action(async (options: Options) => {
      const client = clientFor(options);
      if (options.watch) {
        await interruptible((signal) => watch(client, options, signal));
        return;
      }
      const listed = await during('asking', list(client, options));
      if (options.json) {
        printJson(listed);
        return;
      }
      for (const line of shown(listed.runs, await placesIn(client, listed.runs))) out.line(line);
      if (listed.next && options.all)
        err.line(err.paint.dim(`older ones: sortie ps -a -n ${options.last} --cursor ${listed.next}`));
    });

async function list(client: Client, { all, last, cursor }: Options, signal?: AbortSignal): Promise<RunList> {
  const how = signal ? ({ signal, patience: 'follow' } as const) : {};
  if (all) return client.runs({ status: 'all', limit: last, cursor }, how);
  const active = await activeRuns(client, how);
  if (active.runs.length > 0) return active;
  const { runs } = await client.runs({ status: 'all', limit: 1 }, how);
  return { runs };
}

/** Where those stand that wait, by run: asked for only where somebody does. */
async function placesIn(
  client: Client,
  runs: readonly RunSummary[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (!runs.some(({ status }) => status === 'submitted')) return new Map();
  const queue = await client.queue(signal && { signal, patience: 'follow' });
  return new Map(queue.waiting.map((job) => [job.run, placeText(job)]));
}

const shown = (runs: readonly RunSummary[], places: ReadonlyMap<string, string>): string[] =>
  runs.length > 0
    ? runTable(runs, out, Date.now(), places)
    : ['There are no runs yet. Submit one: sortie apply -f examples/hello.yaml'];

const EVERY = 2_000;
const CLEAR = '\u001b[2J\u001b[H';

/** On a terminal in place; elsewhere again whenever something has changed. */
async function watch(client: Client, options: Options, signal: AbortSignal): Promise<never> {
  let before = '';
  for (;;) {
    const listed = await list(client, options, signal);
    const now = JSON.stringify(listed);
    if (out.live || now !== before) {
      if (out.live) await out.write(CLEAR);
      if (options.json) out.line(now);
      else for (const line of shown(listed.runs, await placesIn(client, listed.runs, signal))) out.line(line);
    }
    before = now;
    await pause(EVERY, undefined, { signal });
  }
}
