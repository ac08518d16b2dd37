import type { Command } from 'commander';
import { quote } from '../../domain/configuration/describe.ts';
import { similar } from '../../domain/configuration/similar.ts';
import { type Failure, usage } from '../exit.ts';

/** `sortie fleet walk`: what there is instead. A thing's own name, typed where a verb belongs, is shown. */
export function noSubcommand(command: Command, word: string): Failure {
  const verbs = command.commands.map((one) => one.name());
  const meant = similar(word, verbs);
  const path = `sortie ${command.name()}`;
  return usage(
    `${path} has no subcommand ${quote(word)}; it has ${verbs.join(', ')}`,
    meant === null ? `${path} --help` : `${path} ${meant} --help`,
  );
}
