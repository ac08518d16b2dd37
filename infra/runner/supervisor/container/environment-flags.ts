import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';

/** By these an engine's client, or the shell before it, is led elsewhere than to its own engine. */
const LEADS_THE_CLIENT =
  /^(PATH|HOME|IFS|ENV|BASH_ENV|TMPDIR|GO\w*|\w*_PROXY|(DOCKER|CONTAINERS?|PODMAN|XDG|LD|SSL|DBUS|STORAGE|REGISTRY|ENROOT|NVIDIA)_\w*)$/i;
/** Read by all clients as it is written: no quotes, no second line, not longer than a line may be. */
const isPlain = (value: string) => /^[^\s"'`\\$#][^\r\n"'`\\$#]{0,16000}$/.test(value) && !/\s$/.test(value);

/** `names`: those whose values are in `env`, the client's; `input`: a line for each of the others. */
export type Variables = { names: string[]; env: Record<string, string>; input: string | null };

/**
 * The variables of what runs in a container, on no command line, where all could read them: on the client's standard
 * input, or, where the form of a file does not hold the value, in the client's own environment.
 */
export function variablesFor(given: Readonly<Record<string, string>>): Result<Variables, string> {
  const inFile: string[] = [];
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value.includes('\0')) return fail(`env: ${name} has a NUL, which no variable can have`);
    const leads = LEADS_THE_CLIENT.test(name);
    if (leads && /[\r\n]/.test(value)) return fail(`env: ${name} may not have several lines in a container`);
    if (leads || isPlain(value)) inFile.push(`${name}=${value}`);
    else env[name] = value;
  }
  return ok({ names: Object.keys(env), env, input: inFile.length > 0 ? `${inFile.join('\n')}\n` : null });
}

/** As Docker and Podman are told of them. */
export const environmentFlags = ({ names, input }: Variables): string[] => [
  ...(input === null ? [] : ['--env-file', '/dev/stdin']),
  ...names.flatMap((name) => ['-e', name]),
];

/**
 * Node gives a child a socket for its standard input, which cannot be opened by a name as a pipe can: `cat` makes one.
 */
export const fedByPipe = (argv: readonly string[], input: string | null): string[] =>
  input === null ? [...argv] : ['sh', '-c', 'cat | "$@"', 'sh', ...argv];
