import type { Command } from 'commander';
import { shellWord } from '../../domain/kernel/shell-word.ts';
import { configurationOf } from '../configuration.ts';
import { EXIT_CODES } from '../exit.ts';
import { givenBeside, type Overriding, overriding } from '../overriding.ts';
import { mayAsk, planAndSubmit, type Submitting, submitting } from './apply.ts';
import { asking, examples } from './asking.ts';

export const run = (): Command =>
  submitting(overriding(asking('run')))
    .summary('submit and follow a command, without a file')
    .description(
      'Runs one command on the instance that fits the options: as `sortie apply` does with a file. One argument is a line for the shell; of several each is one word.',
    )
    .argument('<command...>', 'the command, after `--`')
    // `sortie run python train.py --lr 3`: the options after the command are its own.
    .passThroughOptions()
    .addHelpText(
      'after',
      `${examples('sortie run --gpu 24GB.. --spot -- nvidia-smi', "sortie run --cpu 8 'make -j8 && make test'")}\n${EXIT_CODES}`,
    )
    .action(async (words: readonly string[], options: Submitting & Overriding) => {
      const [first = '', ...rest] = words;
      const command = rest.length === 0 ? first : words.map(shellWord).join(' ');
      const configuration = configurationOf([command], givenBeside(options, []));
      mayAsk(options, 'run');
      await planAndSubmit(configuration, options);
    });
