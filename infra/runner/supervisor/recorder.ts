import { constants } from 'node:os';
import type { ShellEnd } from './commands.ts';
import type { Progress } from './script.ts';

/**
 * The parent of a job's shell: it writes the exit status to the disk, so that the status survives the supervisor. It
 * leads the session of the job, outlives a TERM to it, and says nothing of its own in the job's output. Where the job has a
 * cgroup, its processes are those that the kernel ends first for want of memory, before the agent and the supervisor.
 * Arguments: the job's directory, its cgroup or nothing, then the program and its arguments.
 */
const RECORDER = `trap : HUP INT QUIT TERM
exec 3>&2 2>/dev/null
umask 077
job=$1
[ -z "$2" ] || { echo 0 >"$2/cgroup.procs"; echo 500 >/proc/self/oom_score_adj; }
shift 2
echo $$ >"$job/commands.pid" || exit 125
(umask 022; exec "$@" 2>&3 3>&-)
status=$?
echo $status >"$job/status"
exit $status`;

export const recorded = (directory: string, cgroup: string | null, argv: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  RECORDER,
  'sh',
  directory,
  cgroup ?? '',
  ...argv,
];

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/**
 * A shell says 128 and the number of a signal for a child that the signal ended. A script that has seen a command fail
 * with such a status ended by itself.
 */
export function endOf({ status, signal }: ShellEnd, progress: Progress | null): ShellEnd {
  const name = status !== null && status > 128 ? NAMES.get(status - 128) : undefined;
  return name === undefined || progress?.kind === 'failed'
    ? { status, signal }
    : { status: null, signal: name };
}
