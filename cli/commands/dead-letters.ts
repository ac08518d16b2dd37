import type { Command } from 'commander';
import { letterLines } from '../show/dead-letters.ts';
import { err, out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

export const deadLetters = (): Command =>
  asking('dead-letters')
    .summary('list what could not be handled')
    .description('Lists the dead letters: who gave up, why, since when, what it means and what to do.')
    .addHelpText('after', examples('sortie dead-letters', 'sortie dead-letters --json'))
    .action(async (options: Common) => {
      const listed = await during('asking', clientFor(options).deadLetters());
      if (options.json) {
        printJson(listed);
        return;
      }
      for (const line of letterLines(listed.letters, out, Date.now())) out.line(line);
      if (listed.more === 'maybe') err.line(err.paint.dim('there may be more: redrive these first'));
    });
