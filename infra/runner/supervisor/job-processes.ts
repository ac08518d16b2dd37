import * as fs from 'node:fs';
import { marker } from './setting.ts';

export type JobProcesses = {
  /** What still lives of the job: process ids, or the group's negative id where there is no /proc. */
  alive(): number[];
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
};

/**
 * The shell's processes and all that came of them. A process that left the group and the session (setsid, a daemon)
 * still carries the job's marker in its environment. One that also cleared its environment is not found.
 */
export function jobProcesses(shell: number, submission: string): JobProcesses {
  const since = readStat(`${shell}`)?.startedAt ?? 0;
  const mark = `\0${marker(submission)}\0`;

  const belongs = (pid: string, { group, session, startedAt }: Stat) => {
    if (group === shell || session === shell) return true;
    // An older process cannot be ours: most of the machine costs one small read each.
    return startedAt >= since && `\0${read(`/proc/${pid}/environ`)}`.includes(mark);
  };

  const outside = (): { pid: number; group: number }[] =>
    fs
      .readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((pid) => {
        const stat = readStat(pid);
        if (stat === null || stat.state === 'Z' || stat.state === 'X' || !belongs(pid, stat)) return [];
        return [{ pid: Number(pid), group: stat.group }];
      });

  if (!fs.existsSync('/proc/self/stat')) {
    return { alive: () => (kill(-shell, 0) ? [-shell] : []), signal: (name) => kill(-shell, name) };
  }
  return {
    alive: () => outside().map(({ pid }) => pid),
    signal(name) {
      // The group in one call, so that nobody forks past it; and nobody twice: for many a program a second TERM means "now".
      const others = outside().filter(({ group }) => group !== shell);
      kill(-shell, name);
      for (const { pid } of others) kill(pid, name);
    },
  };
}

type Stat = { state: string; group: number; session: number; startedAt: number };

/** The name of a process may hold spaces and brackets: fields count from the last bracket. */
function readStat(pid: string): Stat | null {
  const text = read(`/proc/${pid}/stat`);
  const [state, , group, session, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || session === undefined) return null;
  return { state, group: Number(group), session: Number(session), startedAt: Number(rest[15]) };
}

/** Empty for a process that is gone, or is not ours to read. */
function read(path: string): string {
  try {
    return fs.readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** False when there was nobody to signal. */
function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
