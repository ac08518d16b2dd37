import { shellWord } from '../kernel/shell-word.ts';
import { MAX_SECRET_BYTES, SECRET_NAME, SECRET_NAME_RULE } from '../secrets/secret.ts';
import type { SecretText } from '../secrets/text.ts';
import { visible } from './describe.ts';
import { bytesOf } from './text.ts';

/**
 * `${{ name }}` in a text; `$${{` is not one, as in dstack. A name ends before the next `${{`: without that bound, each
 * of 20,000 openings without an end would be searched to the end of the text.
 */
const REFERENCE = /(?<!\$)\$\{\{((?:(?!\$\{\{)[^}])*)\}\}/g;

const ENV = /^env\.([A-Za-z_][A-Za-z0-9_]*)$/;
const ARGS = 'run.args';
const ADDRESS = /^groups\[(\d{1,4})\]\.nodes\[(\d{1,4})\]\.IP_ADDRESS$/;
const SECRETS = /^secrets\b/;
const DSTACKS = /^(?:secrets|run|env|groups|dstack)\b/;

const namesIn = (text: string): string[] =>
  Array.from(text.matchAll(REFERENCE), ([, name = '']) => name.trim());

/** The secret that a reference names; undefined: it is of something else, or its name is none. */
function secretOf(reference: string): string | undefined {
  const [, name = ''] = /^secrets\.(.*)$/.exec(reference) ?? [];
  return SECRET_NAME.test(name) ? name : undefined;
}

const shown = (name: string): string => `\`\${{ ${visible(name.slice(0, 50))} }}\``;

/** What is wrong with a reference that begins with `secrets`. */
const wrongSecretName = (reference: string): string | null =>
  secretOf(reference) === undefined
    ? `${shown(reference)} names no secret\nwrite \${{ secrets.NAME }}: ${SECRET_NAME_RULE}`
    : null;

/** What is wrong with the references of a text that names variables and secrets: a variable has to be one of `env`. */
export function wrongVariable(text: string, env: readonly string[]): string | null {
  for (const name of namesIn(text)) {
    const variable = ENV.exec(name)?.[1];
    if (variable !== undefined && env.includes(variable)) continue;
    if (variable !== undefined)
      return `${shown(name)} names no variable of \`env\`\nlist it there: \`- ${variable}\` takes it from your own environment`;
    if (!SECRETS.test(name))
      return `${shown(name)} is not known here\nwrite \${{ env.NAME }}, of a variable under \`env\`, or \${{ secrets.NAME }}`;
    const wrong = wrongSecretName(name);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** What is wrong with the references of a variable of the job: to secrets alone. */
export function wrongInVariable(text: string): string | null {
  for (const name of namesIn(text)) {
    // Of other tools: they are left as they are.
    if (!DSTACKS.test(name)) continue;
    const wrong = SECRETS.test(name) ? wrongSecretName(name) : `${shown(name)} is not supported yet`;
    if (wrong !== null) return wrong;
  }
  return null;
}

/** What is wrong with the references of a command. `groups`: how many nodes each group has; `null`: not known yet. */
export function wrongInCommand(text: string, groups: readonly number[] | null): string | null {
  for (const name of namesIn(text)) {
    // Of other tools: they are the shell's, in a quoted text for instance.
    if (!DSTACKS.test(name)) continue;
    const variable = ENV.exec(name)?.[1];
    if (variable !== undefined)
      return `${shown(name)} is not replaced in commands\nwrite "$${variable}": the shell has the variable`;
    const [, group, node] = ADDRESS.exec(name) ?? [];
    if (group !== undefined && node !== undefined) {
      if (groups === null || Number(node) < (groups[Number(group)] ?? 0)) continue;
      return `${shown(name)} is a node that the run does not have\nboth numbers count from 0`;
    }
    if (name === ARGS)
      return `${shown(name)} is filled in by the command line\nsubmit it with: sortie apply -f FILE -- ARGUMENTS`;
    if (secretOf(name) !== undefined)
      return `${shown(name)} is not replaced in commands\nname it under \`env\`: \`- NAME=${shown(name).slice(1, -1)}\`, and write "$NAME"`;
    if (/^groups\b/.test(name))
      return `${shown(name)} is not known\nwrite \${{ groups[0].nodes[0].IP_ADDRESS }}, for instance`;
    return `${shown(name)} is not supported yet`;
  }
  return null;
}

/** Whether a text has a reference of dstack's grammar. */
export const hasReference = (text: string): boolean => namesIn(text).some((name) => DSTACKS.test(name));

/** What is wrong with references in a text of the submitter's environment, where none are replaced. */
export function wrongFromOutside(text: string): string | null {
  const name = namesIn(text).find((one) => DSTACKS.test(one));
  return name === undefined
    ? null
    : `${shown(name)} comes from your environment, where references are not replaced\nwrite it in the configuration`;
}

/** The same text as one of the configuration: the `${{` in it are no references. */
export const escaped = (text: string): string => text.replaceAll('${{', () => '$${{');

/** The secrets that a text names, each as often as it does. */
export const secretsNamed = (text: string): string[] => namesIn(text).flatMap((name) => secretOf(name) ?? []);

/**
 * The most bytes that a text can have once the values of `env` and of secrets are in it. Counted, not expanded: 156 KB of
 * references can come to gigabytes.
 */
export function expandedBytes(text: string, env: Readonly<Record<string, unknown>>): number {
  const sizes = new Map<string, number>();
  return Array.from(text.matchAll(REFERENCE)).reduce((sum, [whole, given = '']) => {
    const name = given.trim();
    if (secretOf(name) !== undefined) return sum + MAX_SECRET_BYTES - bytesOf(whole);
    const variable = ENV.exec(name)?.[1];
    const value = variable !== undefined && Object.hasOwn(env, variable) ? env[variable] : undefined;
    if (variable === undefined || typeof value !== 'string') return sum;
    const size = sizes.get(variable) ?? expandedBytes(value, {});
    sizes.set(variable, size);
    return sum + size - bytesOf(whole);
  }, bytesOf(text));
}

/** Puts the values of `env` in, which may name secrets themselves. A reference to anything else is left as it is. */
export function withVariables(text: string, env: Readonly<Record<string, SecretText>>): SecretText {
  const parts: Exclude<SecretText, string>[number][] = [];
  let end = 0;
  for (const { 0: whole, 1: given = '', index } of text.matchAll(REFERENCE)) {
    const put = named(given.trim(), env);
    if (put === undefined) continue;
    parts.push(unescaped(text.slice(end, index)), ...put);
    end = index + whole.length;
  }
  parts.push(unescaped(text.slice(end)));
  return joined(parts);
}

function named(
  reference: string,
  env: Readonly<Record<string, SecretText>>,
): Exclude<SecretText, string> | undefined {
  const secret = secretOf(reference);
  if (secret !== undefined) return [{ secret }];
  const variable = ENV.exec(reference)?.[1];
  const value = variable !== undefined && Object.hasOwn(env, variable) ? env[variable] : undefined;
  return typeof value === 'string' ? [value] : value;
}

const unescaped = (text: string): string => text.replaceAll('$${{', '${{');

/** Texts that follow each other are one; a text alone is no list. */
function joined(parts: Exclude<SecretText, string>): SecretText {
  const whole: Exclude<SecretText, string>[number][] = [];
  let text: string[] = [];
  const endText = () => {
    const one = text.join('');
    if (one !== '') whole.push(one);
    text = [];
  };
  for (const part of parts) {
    if (typeof part === 'string') text.push(part);
    else {
      endText();
      whole.push(part);
    }
  }
  endText();
  return whole.every((part) => typeof part === 'string') ? whole.join('') : whole;
}

export const refersToArguments = (text: string): boolean => namesIn(text).includes(ARGS);

/** Puts the arguments of the command line in, each as one word of the shell. */
export const withArguments = (text: string, args: readonly string[]): string =>
  text.replace(REFERENCE, (whole, name: string) =>
    name.trim() === ARGS ? args.map(shellWord).join(' ') : whole,
  );

/** Replaces each node that a command names by `of(rank)`; `groups` as above. */
export function withAddresses(text: string, groups: readonly number[], of: (rank: number) => string): string {
  return text.replace(REFERENCE, (whole, name: string) => {
    const [, group, node] = ADDRESS.exec(name.trim()) ?? [];
    if (group === undefined || node === undefined) return whole;
    const before = groups.slice(0, Number(group)).reduce((sum, nodes) => sum + nodes, 0);
    return of(before + Number(node));
  });
}
