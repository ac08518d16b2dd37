import type { Command } from 'commander';
import { queueLines } from '../show/queue.ts';
import { out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

export const queue = (): Command =>
  asking('queue')
    .summary('list who waits, and for what')
    .description(
      'Lists waiting jobs in the order in which they are served, with the reason, and the jobs whose instance is on its way.',
    )
    .addHelpText('after', examples('sortie queue', 'sortie queue --json'))
    .action(async (options: Common) => {
      const listed = await during('asking', clientFor(options).queue());
      if (options.json) printJson(listed);
      else for (const line of queueLines(listed, out, Date.now())) out.line(line);
    });
