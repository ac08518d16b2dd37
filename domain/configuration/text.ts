import * as z from 'zod';
import { mustBe } from './problem.ts';
import { similar } from './similar.ts';

/** What is wrong with a string whatever it is for, or `null`. */
export function unwritable(text: string): string | null {
  // Neither an argument nor a variable of a process can hold one: execve(2) ends its strings at NUL.
  if (text.includes('\0')) return 'has a NUL character, which no process can be given';
  if (!text.isWellFormed()) return 'has half of a surrogate pair, which is not text';
  return null;
}

/** Bytes as UTF-8. */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** A string, with a hint for what YAML makes of unquoted text. */
export const text = (what: string) =>
  z
    .string({
      error: (issue) => {
        const unquoted = typeof issue.input === 'number' || typeof issue.input === 'boolean';
        return mustBe(what, unquoted ? `quote it: "${String(issue.input)}"` : undefined)(issue);
      },
    })
    .refine((value) => unwritable(value) === null, {
      error: (issue) => unwritable(String(issue.input)) ?? '',
    });

/** One of a few words; a near miss is told which. */
export const oneOf = <const W extends readonly [string, ...string[]]>(words: W) => {
  const shown = words.map((word) => `\`${word}\``);
  const all = `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
  return z.enum(words, {
    error: (issue) => {
      const meant = typeof issue.input === 'string' ? similar(issue.input, words) : null;
      return mustBe(all, meant === null ? undefined : `did you mean \`${meant}\`?`)(issue);
    },
  });
};
