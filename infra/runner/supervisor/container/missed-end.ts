import { setTimeout as pause } from 'node:timers/promises';
import type { Commands, ShellEnd } from '../commands.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Engine } from './engine.ts';
import { killGroup, runCli } from './run-cli.ts';

/**
 * Runs a program and writes its exit status beside the commands, in the container. It outlives a TERM to the job, and says
 * nothing in the job's output. Arguments: the job's folder there, then the program and its arguments.
 */
const RECORDER = `trap : HUP INT QUIT TERM
exec 3>&2 2>/dev/null
folder=$1
shift
(exec "$@" 2>&3 3>&-)
status=$?
echo $status >"$folder/status"
exit $status`;

export const recordedInside = (folder: string, argv: readonly string[]): string[] => [
  ...['sh', '-c', RECORDER, 'sh', folder],
  ...argv,
];

const FIRST_LOOK_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** A client that has only just been told. */
const CLIENT_MS = 2_000;

/**
 * The end of the commands as the container has it. `docker exec` may wait for ever after what it waits for has exited
 * (docker/cli#4553, seen with 20.10), and the job would run, and cost, without end.
 */
export function withMissedEnd(
  commands: Commands,
  { engine, name, folder, job }: { engine: Engine; name: string; folder: string; job: JobDirectory },
): Commands {
  let ended = false;
  void commands.shellEnded.then(() => {
    ended = true;
  });

  async function endInside(): Promise<ShellEnd | null> {
    const as = { user: '0', directory: null, env: {} };
    const line = engine.exec(name, as, ['cat', `${folder}/status`]);
    const read = line.ok ? await runCli(line.value) : null;
    const status = /^(\d+)\n$/.exec(read?.out ?? '')?.[1];
    if (status !== undefined) return { status: Number(status), signal: null };
    const { state } = await engine.look(name, null);
    return state === 'stopped' || state === 'absent' ? { status: null, signal: 'SIGKILL' } : null;
  }

  async function missedEnd(): Promise<ShellEnd> {
    for (let every = FIRST_LOOK_MS; ; every = Math.min(LONGEST_PAUSE_MS, every * 2)) {
      await pause(every, undefined, { ref: false });
      // The client's own word counts, whenever it comes.
      if (ended) return commands.shellEnded;
      const end = await endInside();
      if (end === null) continue;
      await pause(CLIENT_MS, undefined, { ref: false });
      if (ended) return commands.shellEnded;
      const client = Number(job.readLine('commands.pid'));
      if (client > 0) killGroup(client);
      return end;
    }
  }

  return { ...commands, shellEnded: Promise.race([commands.shellEnded, missedEnd()]) };
}
