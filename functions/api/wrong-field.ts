import type * as z from 'zod';
import { describe } from '../../domain/configuration/describe.ts';
import { mustBe } from '../../domain/configuration/problem.ts';

type Issue = z.core.$ZodRawIssue;

const called: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What a field of a request should have been, where its schema does not say so itself. `undefined`: zod's own words. */
export function whatIsWrong(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(called[issue.expected] ?? issue.expected)(issue);
    case 'invalid_value':
      return mustBe(issue.values.map((value) => `\`${String(value)}\``).join(' or '))(issue);
    case 'too_small':
      return `must be ${sized(issue.origin, 'at least', Number(issue.minimum))}, not ${asFound(issue)}`;
    case 'too_big':
      return `must be ${sized(issue.origin, 'at most', Number(issue.maximum))}, not ${asFound(issue)}`;
    case 'invalid_format':
      return mustBe(issue.format === 'datetime' ? 'a time such as 2026-11-20T12:00:00Z' : `${issue.format}`)(
        issue,
      );
    case 'unrecognized_keys':
      return `has no field ${issue.keys.map((key) => describe(key)).join(', ')}`;
    case 'invalid_union':
      return `is ${describe(issue.input)}, which is none of the forms it may have`;
    default:
      return undefined;
  }
}

function sized(origin: string, bound: string, size: number): string {
  if (origin === 'string') return `a text of ${bound} ${counted(size, 'character')}`;
  if (origin === 'array' || origin === 'set') return `a list of ${bound} ${size}`;
  return `${bound} ${size}`;
}

/** Of a text or a list its length is what is wrong. */
function asFound({ input }: Issue): string {
  if (typeof input === 'string') return input === '' ? 'empty' : counted(input.length, 'character');
  return Array.isArray(input) ? `${input.length}` : describe(input);
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
