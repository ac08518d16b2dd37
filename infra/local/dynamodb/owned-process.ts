import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

export type OwnedProcess = { child: ChildProcess; exited: Promise<void> };

/**
 * Starts a process that shall not outlive this one. Where there is `setpriv` the kernel sees to it; elsewhere a file
 * with pid and start time lets the next start end what a killed parent left behind, and nothing else.
 */
export function startOwned(command: readonly string[], pidFile: string): OwnedProcess {
  const bound = canBindToParent() ? ['setpriv', '--pdeathsig', 'SIGKILL', '--', ...command] : command;
  const [file = '', ...parameters] = bound;
  const child = spawn(file, parameters, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  if (child.pid !== undefined)
    writeFileSync(pidFile, JSON.stringify({ pid: child.pid, started: startTime(child.pid) }), {
      mode: 0o600,
    });
  return { child, exited };
}

/** Ends the process that an earlier start left in `pidFile`, if it is still that process. */
export async function endLeftover(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const { pid, started } = readPidFile(pidFile);
  while (pid > 0 && started !== null && startTime(pid) === started) {
    process.kill(pid, 'SIGKILL');
    await wait(10);
  }
  rmSync(pidFile, { force: true });
}

function readPidFile(pidFile: string): { pid: number; started: string | null } {
  try {
    return JSON.parse(readFileSync(pidFile, 'utf8')) as { pid: number; started: string | null };
  } catch (error) {
    // Half-written by a process killed in the act; its child had no time to be of use to anyone.
    if (error instanceof SyntaxError) return { pid: 0, started: null };
    throw error;
  }
}

/** When a process began, in whatever unit the system has; null when there is no such process. */
function startTime(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Field 22 of proc(5), counted from the state, which is field 3; a zombie is gone already.
      return fields[0] === 'Z' ? null : (fields[19] ?? null);
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

let bindable: boolean | undefined;

function canBindToParent(): boolean {
  bindable ??=
    spawnSync('setpriv', ['--pdeathsig', 'SIGKILL', '--', 'true'], { stdio: 'ignore' }).status === 0;
  return bindable;
}
