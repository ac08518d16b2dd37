import type { Command } from 'commander';
import { whyLines } from '../show/why.ts';
import { out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

export const why = (): Command =>
  asking('why')
    .summary('say why a run is as it is')
    .description(
      'The cause of how a run is now, in a sentence, and the chain of events that led there: plan, attempts, waits, launches, commands, exit.',
    )
    .argument('<run>', 'its name, its id or the beginning of that')
    .addHelpText('after', examples('sortie why hello', 'sortie why hello --json'))
    .action(async (name: string, options: Common) => {
      const told = await during('asking', clientFor(options).why(name));
      if (options.json) printJson(told);
      else for (const line of whyLines(told, out, Date.now())) out.line(line);
    });
