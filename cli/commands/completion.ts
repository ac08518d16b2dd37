import { Argument, Command } from 'commander';
import { completionScript, SHELLS } from '../show/completion.ts';
import { out } from '../terminal/output.ts';
import { examples } from './asking.ts';

const HOW = `
bash   in ~/.bashrc:  eval "$(sortie completion bash)"
zsh    in ~/.zshrc, after compinit:  eval "$(sortie completion zsh)"
fish   sortie completion fish > ~/.config/fish/completions/sortie.fish`;

export const completion = (): Command =>
  new Command('completion')
    .summary('print a script that completes commands and options in a shell')
    .description('Prints a script with which the shell completes commands and options of sortie.')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', `${HOW}\n${examples('sortie completion bash')}`)
    .action((shell: (typeof SHELLS)[number], _, command: Command) => {
      if (command.parent === null) throw new Error('`completion` is not a command of its own');
      out.line(completionScript(command.parent, shell));
    });
