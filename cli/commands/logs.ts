import type { Command } from 'commander';
import { Exit } from '../exit.ts';
import { readLogs } from '../follow/read-logs.ts';
import { interruptible } from '../interrupt.ts';
import { err, out } from '../terminal/output.ts';
import { asking, type Common, clientFor, examples, whole } from './asking.ts';

type Options = Common & { readonly follow?: true; readonly job: number };

export const logs = (): Command =>
  asking('logs')
    .summary('print what a run wrote')
    .description(
      "Prints a job's output, byte for byte, of all its submissions from the first on. With --json a line for each piece.",
    )
    .argument('<run>', 'its name or id')
    .option('-f, --follow', 'go on until the job has ended; Ctrl-C leaves it running')
    .option('--job <number>', 'which job of the run', whole(0), 0)
    .addHelpText('after', examples('sortie logs hello -f', 'sortie logs hello > hello.log'))
    .action(async (name: string, options: Options) => {
      const client = clientFor(options);
      const read = await interruptible((signal) =>
        readLogs(client, name, {
          job: options.job,
          until: options.follow ? 'to the end' : 'what there is',
          signal,
          onChunk: (chunk, bytes) => out.write(options.json ? `${JSON.stringify(chunk)}\n` : bytes),
          onRetry: (reason) => err.line(err.paint.dim(`lost contact with Sortie (${reason}); trying again`)),
        }),
      );
      if (read === 'interrupted') process.exitCode = Exit.detached;
    });
