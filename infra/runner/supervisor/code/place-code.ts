import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledCode } from '../../contract.ts';
import type { Engine, Inside } from '../container/engine.ts';
import { complaint, type Invocation, runCli } from '../container/run-cli.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Setting } from '../setting.ts';
import { CODE } from './fetch-code.ts';

/** Where commands start in a container that is given files, if nothing else is said: as in dstack, and the same on all nodes. */
export const CODE_DIRECTORY = '/workflow';

/** 2 GB onto a slow disk. */
const PATIENCE_MS = 15 * 60_000;

/**
 * Moves the unpacked files to their places, as whoever runs the commands. With `sh`, `cp` and `ls` alone, which any image
 * has that has a shell. The modes of new files are those they had: no `-p`, which would give those of our folders to what
 * is there, a home for instance.
 */
const PLACE = `cd "$1" || exit; from=$2; shift 2
while [ $# -gt 0 ]; do
  to=$2
  case $to in '~'*) to=$HOME\${to#'~'} ;; esac
  if [ $3 != merge ] && [ -n "$(ls -A "$to" 2>/dev/null)" ]; then
    if [ $3 = error ]; then
      echo "repos: $to is there, and is not empty; to keep it as it is: if_exists: skip" >&2
      exit 1
    fi
  else
    mkdir -p "$to" && (umask 0; cp -RP "$from/$1/." "$to/") || exit
  fi
  shift 3
done
rm -rf "$from"/*`;

const placing = ({ parts }: BundledCode, directory: string, from: string): string[] => [
  ...['sh', '-c', PLACE, 'sh', directory, from],
  ...parts.flatMap(({ folder, path, if_exists }) => [folder, path, if_exists]),
];

async function done(running: Invocation): Promise<Result<string, string>> {
  const ended = await runCli(running, { milliseconds: PATIENCE_MS });
  return ended.status === 0 ? ok(ended.out) : fail(`cannot place the files of the run: ${complaint(ended)}`);
}

/** On the instance itself, in the directory of the commands. */
export async function placeOnInstance(
  code: BundledCode,
  { argv, owner, folder, directory, env }: Setting,
  job: JobDirectory,
): Promise<Result<unknown, string>> {
  const from = `${folder}/${CODE}`;
  const steps = [
    ...(folder === job.pathOf('.') ? [] : [['mv', job.pathOf(CODE), from]]),
    ['chown', '-R', `${owner.uid}:${owner.gid}`, from],
  ];
  for (const step of steps) {
    const given = await done({ argv: step, env: {}, input: null });
    if (!given.ok) return given;
  }
  const own = placing(code, directory, from);
  return done({ argv: [...argv.slice(0, -1), ...own], env: { HOME: env.HOME ?? '/' }, input: null });
}

/** In a container, into which the unpacked files were copied at `from`. */
export async function placeInContainer(
  code: BundledCode,
  { user, directory }: Inside,
  { engine, container, from }: { engine: Engine; container: string; from: string },
): Promise<Result<unknown, string>> {
  const inside = async (as: string | null, argv: string[]) => {
    const line = engine.exec(container, { user: as, directory: null, env: {} }, argv);
    return line.ok ? done(line.value) : line;
  };
  const at = directory ?? '/';
  const ids = await inside(user, ['sh', '-c', 'echo "$(id -u):$(id -g)"']);
  if (!ids.ok) return ids;
  const given = await inside('0', ['chown', '-R', ids.value.trim(), from]);
  return given.ok ? inside(user, placing(code, at, from)) : given;
}
