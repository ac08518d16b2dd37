import { Command, InvalidArgumentError, Option } from 'commander';
import { type Client, clientOf } from '../client/client.ts';
import { connectionOf, type Target } from '../connection.ts';

export type Common = Target & { readonly json?: true };

/** A command that asks a running Sortie. */
export const asking = (name: string): Command =>
  withJson(new Command(name))
    .option('--url <url>', 'where Sortie answers (SORTIE_URL; else the embedded one)')
    .option('--token <token>', 'who asks (SORTIE_TOKEN; else the embedded administrator)')
    .option('--data <folder>', "the embedded Sortie's data (SORTIE_DATA; else .sortie)");

export const withJson = (command: Command): Command =>
  command.option('--json', "the answer as JSON, in the API's own words");

export const clientFor = (options: Target): Client => clientOf(connectionOf(options));

export const examples = (...lines: readonly string[]): string =>
  `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;

/** Pages are of all there is, ended ones included. */
export const paged = (flags: string, description: string): Option =>
  new Option(flags, description).implies({ all: true });

/** For options that are whole numbers, from `least` on. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(
      most === Number.MAX_SAFE_INTEGER
        ? `It is a whole number, ${least} or more.`
        : `It is a whole number from ${least} to ${most}.`,
    );
  };

export function dollars(text: string): number {
  const number = Number(text.replace(/^\$/, ''));
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It is a price in dollars, such as 0.4.');
}
