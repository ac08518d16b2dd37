import type { Command } from 'commander';
import { Exit } from '../exit.ts';
import { type Reading, readLogs } from '../follow/read-logs.ts';
import { readNodes } from '../follow/read-nodes.ts';
import { interruptible } from '../interrupt.ts';
import { err, out } from '../terminal/output.ts';
import { asking, type Common, clientFor, examples, whole } from './asking.ts';

type Options = Common & { readonly follow?: true; readonly job?: number };

export const logs = (): Command =>
  asking('logs')
    .summary('print what a run wrote')
    .description(
      "Prints a run's output, byte for byte, of all its submissions from the first on; of several nodes line by line, each marked by its node. With --json a line for each piece.",
    )
    .argument('<run>', 'its name, its id or the beginning of that')
    .option('-f, --follow', 'go on until the job has ended; Ctrl-C leaves it running')
    .option('--job <number>', 'only this node of the run, byte for byte', whole(0))
    .addHelpText(
      'after',
      examples('sortie logs hello -f', 'sortie logs hello --job 1', 'sortie logs hello > hello.log'),
    )
    .action(async (name: string, options: Options) => {
      const client = clientFor(options);
      const read = await interruptible(async (signal) => {
        const reading: Omit<Reading, 'job'> = {
          until: options.follow ? 'to the end' : 'what there is',
          signal,
          onChunk: (chunk, bytes) => out.write(options.json ? `${JSON.stringify(chunk)}\n` : bytes),
          onRetry: (reason) => err.line(err.paint.dim(`lost contact with Sortie (${reason}); trying again`)),
        };
        if (options.job !== undefined) return readLogs(client, name, { ...reading, job: options.job });
        const { jobs } = await client.run(name, { signal });
        // A piece says itself whose it is.
        if (!options.json) return readNodes(client, name, jobs.length, reading);
        await Promise.all(jobs.map((_, job) => readLogs(client, name, { ...reading, job })));
      });
      if (read === 'interrupted') process.exitCode = Exit.detached;
    });
