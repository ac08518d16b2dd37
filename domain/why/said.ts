import { dollars } from '../kernel/dollars.ts';
import { type Instant, iso } from '../kernel/instant.ts';
import type { OfferTerms } from '../planning/offer.ts';

// How a cause and its chain speak of times, machines and commands.

/** To the second, UTC; the day only where it is another. */
export function clock(at: Instant, now: Instant): string {
  const [then, today] = [iso(at), iso(now)];
  const time = `${then.slice(11, 19)}Z`;
  return then.slice(0, 10) === today.slice(0, 10) ? time : `${then.slice(0, 10)} ${time}`;
}

export const termsText = ({ instance_type, zone, spot, price }: OfferTerms): string =>
  `${instance_type} in ${zone}, ${spot}, ${dollars(price)}/h`;

const SHOWN = 80;

/** The commands as far as they fit into a sentence: a script ends with one of them, and nobody says which. */
export function commandsText(commands: readonly string[]): string {
  const [first = ''] = commands;
  const line = first.split('\n')[0] ?? '';
  const shown = line.length > SHOWN || line !== first ? `${line.slice(0, SHOWN)}…` : line;
  return commands.length > 1 ? `\`${shown}\` and ${commands.length - 1} more` : `\`${shown}\``;
}

/** `user:alice` is alice to people. */
export const who = (by: string): string => by.replace(/^user:/, '');

export const words = (name: string): string => name.replaceAll('_', ' ');
