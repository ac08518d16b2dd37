import type { TaskConfiguration } from './normalized.ts';

const REFERENCE = /\$(?:(\w+)|\{(\w+)\})/g;
/** Variables that a shell has anyway, so that a value is likely to mean theirs. Others may be a dollar sign in a password. */
const ALWAYS_THERE = ['PATH', 'HOME', 'USER', 'LD_LIBRARY_PATH'];

/**
 * A sentence for each value under `env` that names another variable as a shell would. It is handed to the commands as
 * written, since no shell reads it.
 */
export function unexpandedEnv({ env }: Pick<TaskConfiguration, 'env'>): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (typeof value !== 'string') return [];
    const names = [...value.matchAll(REFERENCE)].map(([, bare, braced]) => bare ?? braced ?? '');
    const meant = names.find((one) => one === name || ALWAYS_THERE.includes(one));
    if (meant === undefined) return [];
    return [
      `env: $${meant} in ${name} is not expanded; to have it expanded, make \`export ${name}=…\` the first command`,
    ];
  });
}
