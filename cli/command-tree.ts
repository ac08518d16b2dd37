import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { apply } from './commands/apply.ts';
import { canary } from './commands/canary.ts';
import { completion } from './commands/completion.ts';
import { deadLetters } from './commands/dead-letters.ts';
import { demo } from './commands/demo.ts';
import { deploy } from './commands/deploy.ts';
import { doctor } from './commands/doctor.ts';
import { event } from './commands/event.ts';
import { fleet } from './commands/fleet.ts';
import { instance } from './commands/instance.ts';
import { local } from './commands/local.ts';
import { logs } from './commands/logs.ts';
import { offer } from './commands/offer.ts';
import { plan } from './commands/plan.ts';
import { ps } from './commands/ps.ts';
import { queue } from './commands/queue.ts';
import { redrive } from './commands/redrive.ts';
import { remove } from './commands/remove.ts';
import { run } from './commands/run.ts';
import { secret } from './commands/secret.ts';
import { stop } from './commands/stop.ts';
import { noSubcommand } from './commands/subcommand.ts';
import { token } from './commands/token.ts';
import { verify } from './commands/verify.ts';
import { why } from './commands/why.ts';
import { EXIT_CODES } from './exit.ts';
import { err } from './terminal/output.ts';

/** The `sortie` command with all its subcommands. */
export function commandTree(): Command {
  const program = new Command('sortie')
    .description('Runs jobs on EC2 with nothing always on.')
    .version(packageJson.version)
    // What comes after a subcommand's name is its own: `sortie fleet show small --json`.
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(err.paint.red(text)) })
    .addHelpText(
      'after',
      `\nStart here:\n  $ npm run demo\n  $ npm start\n  $ sortie apply -f examples/hello.yaml\n${EXIT_CODES}`,
    );

  const commands = [
    ...[apply, run, plan, ps, queue, logs, stop, why, event, offer, instance, fleet, secret],
    ...[local, demo, verify, deadLetters, redrive, deploy, remove, doctor, canary, token, completion],
  ];
  for (const make of commands) {
    const command = make();
    program.addCommand(command.copyInheritedSettings(program));
  }
  for (const command of program.commands)
    for (const below of command.commands) {
      below.copyInheritedSettings(command);
      below.exitOverride().showHelpAfterError(`see: sortie ${command.name()} ${below.name()} --help`);
    }
  for (const command of program.commands)
    if (command.commands.length > 0)
      command.allowExcessArguments().hook('preAction', (_, acting) => {
        const [word] = acting.args;
        if (acting === command && word !== undefined) throw noSubcommand(command, word);
      });
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .showHelpAfterError(`see: sortie ${command === program ? '' : `${command.name()} `}--help`);
  return program;
}
