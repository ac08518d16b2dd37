import { shellWord } from '../kernel/shell-word.ts';
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
const DSTACKS = /^(?:secrets|run|env|groups|dstack)\b/;

const namesIn = (text: string): string[] =>
  Array.from(text.matchAll(REFERENCE), ([, name = '']) => name.trim());

const shown = (name: string): string => `\`\${{ ${visible(name.slice(0, 50))} }}\``;

/** What is wrong with the references of a text that names variables: each has to be one of `env`. */
export function wrongVariable(text: string, env: readonly string[]): string | null {
  for (const name of namesIn(text)) {
    const variable = ENV.exec(name)?.[1];
    if (variable !== undefined && env.includes(variable)) continue;
    if (variable !== undefined)
      return `${shown(name)} names no variable of \`env\`\nlist it there: \`- ${variable}\` takes it from your own environment`;
    if (/^secrets\b/.test(name)) return `${shown(name)} is not supported yet`;
    return `${shown(name)} is not known here\nwrite \${{ env.NAME }}, of a variable under \`env\``;
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
    if (/^groups\b/.test(name))
      return `${shown(name)} is not known\nwrite \${{ groups[0].nodes[0].IP_ADDRESS }}, for instance`;
    return `${shown(name)} is not supported yet`;
  }
  return null;
}

/** What is wrong with references where none are replaced. */
export function wrongReference(text: string): string | null {
  const name = namesIn(text).find((one) => DSTACKS.test(one));
  return name === undefined ? null : `${shown(name)} is not supported yet`;
}

/** Bytes of a text once the values of `env` are in it. Counted, not expanded: 156 KB of references can come to gigabytes. */
export function expandedBytes(text: string, env: Readonly<Record<string, unknown>>): number {
  const sizes = new Map<string, number>();
  return Array.from(text.matchAll(REFERENCE)).reduce((sum, [whole, name = '']) => {
    const variable = ENV.exec(name.trim())?.[1];
    const value = variable !== undefined && Object.hasOwn(env, variable) ? env[variable] : undefined;
    if (variable === undefined || typeof value !== 'string') return sum;
    const size = sizes.get(variable) ?? bytesOf(value);
    sizes.set(variable, size);
    return sum + size - bytesOf(whole);
  }, bytesOf(text));
}

/** Puts the values of `env` in; a text that was found right has no other references. */
export function withVariables(text: string, env: Readonly<Record<string, string>>): string {
  return text
    .replace(REFERENCE, (whole, name: string) => {
      const variable = ENV.exec(name.trim())?.[1];
      return variable !== undefined && Object.hasOwn(env, variable) ? (env[variable] ?? '') : whole;
    })
    .replaceAll('$${{', '${{');
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
