import type { Command } from 'commander';
import { Exit, usage } from '../exit.ts';
import { redrivenLines } from '../show/dead-letters.ts';
import { err, out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

type Options = Common & { readonly all?: true; readonly discard?: true };

export const redrive = (): Command =>
  asking('redrive')
    .summary('bring dead letters back to the normal path')
    .description(
      'Has Sortie do what a dead letter was about, and removes the letter once that is recorded. Doing it twice is harmless.',
    )
    .argument('[ids...]', 'letters, as `sortie dead-letters` names them')
    .option('--all', 'every letter')
    .option('--discard', 'only remove them')
    .addHelpText('after', examples('sortie redrive --all', 'sortie redrive 7e1c…  # by its id'))
    .action(async (ids: string[], options: Options) => {
      if (options.all === undefined && ids.length === 0)
        throw usage('no letter is named', 'sortie dead-letters, then: sortie redrive ID… (or --all)');
      if (options.all && ids.length > 0)
        throw usage('letters are named, and --all are asked for', 'give either the one or the other');
      const client = clientFor(options);
      const action = options.discard ? 'discard' : 'redrive';
      const answer = await during('redriving', client.redrive(options.all ? 'all' : ids, action));
      if (answer.letters.some(({ outcome }) => outcome === 'kept' || outcome === 'not_there'))
        process.exitCode = Exit.failed;
      if (options.json) {
        printJson(answer);
        return;
      }
      const lines = redrivenLines(answer.letters, out);
      for (const line of lines.length > 0 ? lines : ['There are no dead letters.']) out.line(line);
      if (answer.more === 'maybe') err.line(err.paint.dim('there may be more: sortie redrive --all again'));
    });
