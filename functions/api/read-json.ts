import type { Path } from '../../domain/configuration/problem.ts';
import { fail, ok, type Result } from '../../domain/kernel/result.ts';

/** Why a text cannot be taken for JSON. `path`: of the field that it is about. */
export interface JsonProblem {
  readonly kind: 'not-json' | 'too-deep' | 'given-twice';
  readonly path: Path;
}

/** As deep as a configuration in YAML may be. */
export const MAX_DEPTH = 32;

/** Reads JSON in which each object has each of its fields once: `JSON.parse` keeps the last and says nothing. */
export function readJson(text: string): Result<unknown, JsonProblem> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail({ kind: 'not-json', path: [] });
  }
  const problem = firstProblem(text);
  return problem === null ? ok(value) : fail(problem);
}

/** A list or an object around a place: which entry of it the place is in, and the names that an object had before. */
interface Around {
  step: string | number;
  readonly names: Set<string> | null;
}

/** Walks over a text that is JSON. Not by recursion, as packages for it do: the text comes from anywhere. */
function firstProblem(text: string): JsonProblem | null {
  const around: Around[] = [];
  let expected: 'name' | 'value' = 'value';
  for (let at = 0; at < text.length; at++) {
    const inner = around.at(-1);
    switch (text.charAt(at)) {
      case '{':
      case '[': {
        const names = text[at] === '{' ? new Set<string>() : null;
        if (around.length === MAX_DEPTH) return { kind: 'too-deep', path: pathOf(around) };
        around.push({ step: names ? '' : 0, names });
        expected = names ? 'name' : 'value';
        break;
      }
      case '}':
      case ']':
        around.pop();
        break;
      case ',':
        if (typeof inner?.step === 'number') inner.step++;
        else expected = 'name';
        break;
      case ':':
        expected = 'value';
        break;
      case '"': {
        const end = endOfText(text, at);
        if (expected === 'name' && inner?.names) {
          const name = String(JSON.parse(text.slice(at, end)));
          inner.step = name;
          if (inner.names.has(name)) return { kind: 'given-twice', path: pathOf(around) };
          inner.names.add(name);
        }
        at = end - 1;
      }
    }
  }
  return null;
}

const pathOf = (around: readonly Around[]): Path => around.map(({ step }) => step);

/** Behind the quote that ends the text which begins at `start`. */
function endOfText(text: string, start: number): number {
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
  } while (isEscaped(text, end));
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}
