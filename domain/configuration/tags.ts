import * as z from 'zod';
import { describe, quote } from './describe.ts';
import { mustBe, refuse, refuseEntry } from './problem.ts';

// EC2 takes 50 tags on a resource; Sortie's own and room to grow are kept back.
const MAX_TAGS = 40;
const MAX_KEY = 128;
const MAX_VALUE = 256;
const CHARACTERS = /^[\p{L}\p{Nd}\p{Zs}+\-=._:/@]*$/u;
const CHARACTERS_HINT = 'letters, digits, spaces and + - = . _ : / @ are allowed';

/** Tags for the EC2 instances and volumes of the run, by AWS's own rules. */
export const tags = z
  .looseObject({}, { error: mustBe('a map of names to values') })
  .transform((written, ctx): Record<string, string> => {
    const entries = Object.entries(written);
    if (entries.length > MAX_TAGS) {
      return refuse(
        ctx,
        `has ${entries.length} tags; at most ${MAX_TAGS} are taken (EC2 allows 50, Sortie sets some)`,
      );
    }
    const read = entries.flatMap(([key, value]): [string, string][] => {
      const wrongKey = keyProblem(key);
      if (wrongKey !== null) {
        refuseEntry(ctx, key, 'key', ...wrongKey);
        return [];
      }
      if (typeof value !== 'string') {
        const quoted = typeof value === 'object' ? undefined : `quote it: "${describe(value)}"`;
        refuseEntry(ctx, key, 'value', `must be text, not ${describe(value)}`, quoted);
        return [];
      }
      const wrongValue = textProblem(value, 'a tag value', MAX_VALUE);
      if (wrongValue !== null) refuseEntry(ctx, key, 'value', ...wrongValue);
      return [[key, value]];
    });
    return Object.fromEntries(read);
  });

type Wrong = [message: string, hint?: string];

function keyProblem(key: string): Wrong | null {
  if (key === '') return ['a tag needs a name'];
  if (/^sortie:/i.test(key)) return [`${quote(key)} is reserved: Sortie sets the sortie:* tags itself`];
  if (key === 'Name') return ['`Name` is reserved: Sortie names the instances it launches'];
  return textProblem(key, 'a tag name', MAX_KEY);
}

function textProblem(text: string, what: string, most: number): Wrong | null {
  if (/^aws:/i.test(text)) return [`${quote(text)} starts with \`aws:\`, which AWS keeps for itself`];
  if (text.length > most)
    return [`${quote(text)} has ${text.length} characters; ${what} has at most ${most}`];
  if (!CHARACTERS.test(text))
    return [`${quote(text)} has characters that AWS does not take in tags`, CHARACTERS_HINT];
  return null;
}
