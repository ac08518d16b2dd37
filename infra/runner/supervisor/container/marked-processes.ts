import type { JobProcesses } from '../job-processes.ts';
import { marker } from '../setting.ts';
import type { Engine } from './engine.ts';
import { killGroup, runCli } from './run-cli.ts';

/**
 * Prints the processes that carry the marker in their environment, and signals them. With nothing but the shell: an
 * image need not have `grep` or `ps`. `read` drops the NULs, so a marker is followed by the name of another variable.
 */
export const FIND = `for p in /proc/[0-9]*; do
while read -r l || [ -n "$l" ]; do case $l in *"$1"|*"$1"[!0-9]*)
echo "\${p#/proc/}"; [ "$2" = 0 ] || kill -s "$2" "\${p#/proc/}"; break;; esac; done <"$p/environ"
done 2>/dev/null; exit 0`;

/** How long the client may take to see that its command is dead. */
const CLIENT_PATIENCE_MS = 10_000;

/**
 * The processes of a job in a container, found from within: the instance may not see them, where it is a sandbox. By the
 * job's own user, since root without CAP_SYS_PTRACE may not read the environment of others.
 */
export function markedProcesses(
  engine: Engine,
  container: string,
  of: { submission: string; user: string | null; client: number | null; ours: boolean },
): JobProcesses {
  let killed = false;

  async function find(signal: 'TERM' | 'KILL' | '0'): Promise<number[]> {
    const as = { user: of.user, directory: null, env: {} };
    const look = engine.exec(container, as, ['sh', '-c', FIND, 'sh', marker(of.submission), signal]);
    if (!look.ok) throw new Error(look.error);
    const ended = await runCli(look.value);
    if (ended.status === 0 && ended.cut === null) return ended.out.split('\n').filter(Boolean).map(Number);
    const sighting = await engine.look(container, null);
    // An engine that does not answer may still run them: the client, which waits for them, stands for them.
    return sighting.state === 'stopped' || sighting.state === 'absent' || of.client === null
      ? []
      : [of.client];
  }

  return {
    // Each look is a process of the engine's client, and one in the container.
    lookEveryMs: 500,
    alive: async () => (killed ? [] : find('0')),
    async signal(name) {
      if (name === 'SIGTERM') return void (await find('TERM'));
      // Nothing in a container of our own escapes; in another's, only what we know by its marker is ours.
      killed = of.ours && (await engine.kill(container)).ok;
      if (!killed) await find('KILL');
      const { client } = of;
      if (client !== null) setTimeout(() => killGroup(client), CLIENT_PATIENCE_MS).unref();
    },
  };
}
