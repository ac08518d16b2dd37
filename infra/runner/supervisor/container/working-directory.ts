import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { Engine } from './engine.ts';
import { complaint, runCli } from './run-cli.ts';

/**
 * As the job's user, whose home `~` is. Prints whom the directory would belong to where the user may not make it, then the
 * directory. `$2`: where relative paths begin.
 */
const FIND = `case $1 in '~'|'~/'*) d=\${HOME%/}\${1#'~'};; /*) d=$1;; *) d=\${2%/}/$1;; esac
[ -d "$d" ] || mkdir -p "$d" 2>/dev/null
owner=; [ -d "$d" ] || owner=$(id -u):$(id -g)
printf '%s\\n' "$owner" "\${d:-/}"`;

/** As root: the directory, and what it took above it, the user's own. */
const MAKE = `d=$1 first=
while [ ! -d "$d" ]; do first=$d; d=\${d%/*}; d=\${d:-/}; done
mkdir -p "$1" && chown -R "$2" "$first"`;

/** Where the commands run, made where it is missing; null: as the image says. */
export async function workingDirectory(
  { engine, name, user }: { engine: Engine; name: string; user: string | null },
  wanted: string | null,
  base: string,
): Promise<Result<string | null, string>> {
  if (wanted === null) return ok(null);
  const run = async (who: string | null, ...argv: string[]): Promise<Result<string, string>> => {
    const line = engine.exec(name, { user: who, directory: '/', env: {} }, ['sh', '-c', ...argv]);
    if (!line.ok) return line;
    const ended = await runCli(line.value);
    return ended.status === 0 && ended.cut === null ? ok(ended.out) : fail(complaint(ended));
  };
  const found = await run(user, FIND, 'sh', wanted, base);
  if (!found.ok) return fail(`container ${name}: ${found.error}`);
  const [owner = '', ...rest] = found.value.replace(/\n$/, '').split('\n');
  const directory = rest.join('\n');
  if (owner === '') return ok(directory);
  const made = await run('0', MAKE, 'sh', directory, owner);
  return made.ok
    ? ok(directory)
    : fail(`working_dir: '${directory}' is not in container ${name} and cannot be made: ${made.error}`);
}
