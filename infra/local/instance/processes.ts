import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const onLinux = process.platform === 'linux';

/**
 * Tells a process from a later one with the same pid: boot and start time. Undefined when it is gone (or a zombie).
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html field 22
 */
export function processIdentity(pid: number): string | undefined {
  if (!onLinux) return startTimeFromPs(pid);
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}:${fields[19]}`;
}

export function childrenOf(pid: number): number[] {
  const children = readProc(`/proc/${pid}/task/${pid}/children`);
  return children === undefined ? [] : children.split(' ').filter(Boolean).map(Number);
}

/** Every living process with such an entry in its environment: how a process group's strays are found. Linux only. */
export function processesMarked(matches: (entry: string) => boolean): number[] {
  if (!onLinux) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && readProc(`/proc/${pid}/environ`)?.split('\0').some(matches));
}

/** True if the signal reached a process: one that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) === 'ESRCH' || codeOf(error) === 'EPERM') return false;
    throw error;
  }
}

let knownBootId: string | undefined;
function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    // ps ends with 1 when there is no such process.
    return undefined;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
