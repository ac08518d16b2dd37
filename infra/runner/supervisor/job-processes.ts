import * as fs from 'node:fs';
import { marker } from './setting.ts';

/** Ids of processes; negative: of a group, where there is no /proc. */
export type JobProcesses = {
  /** How often it may be asked who is alive. */
  lookEveryMs: number;
  alive(): Promise<number[]>;
  signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void>;
};

/**
 * The shell's processes and all that came of them; null: the shell has ended, and its number may be another's. A process that left the group and the session (setsid, a daemon)
 * still carries the job's marker in its environment. One that also cleared its environment is not found.
 */
export function jobProcesses(shell: number | null, submission: string): JobProcesses {
  if (!procIsOurs()) {
    return {
      lookEveryMs: 20,
      alive: async () => (shell !== null && kill(-shell, 0) ? [-shell] : []),
      signal: async (name) => void (shell !== null && kill(-shell, name)),
    };
  }
  const since = shell === null ? 0 : (readStat(shell)?.startedAt ?? 0);
  const mark = `\0${marker(submission)}\0`;

  const belongs = (pid: number, { group, session, startedAt }: Stat) => {
    if (group === shell || session === shell) return true;
    // An older process cannot be ours: most of the machine costs one small read each.
    return startedAt >= since && `\0${readEnvironment(pid)}`.includes(mark);
  };

  const find = (): { pid: number; group: number }[] =>
    fs.readdirSync('/proc').flatMap((name) => {
      const pid = Number(name);
      const stat = Number.isInteger(pid) && pid !== process.pid ? readStat(pid) : null;
      return stat !== null && !'ZX'.includes(stat.state) && belongs(pid, stat)
        ? [{ pid, group: stat.group }]
        : [];
    });

  return {
    lookEveryMs: 20,
    alive: async () => find().map(({ pid }) => pid),
    async signal(name) {
      // The group in one call, so that nobody forks past it; and nobody twice: to many a program a second TERM means "now".
      const others = find().filter(({ group }) => group !== shell);
      if (shell !== null) kill(-shell, name);
      for (const { pid } of others) kill(pid, name);
    },
  };
}

/** Not where there is none, nor where it shows the process ids of another namespace. */
const procIsOurs = () => fs.existsSync('/proc/self') && fs.readlinkSync('/proc/self') === `${process.pid}`;

type Stat = { state: string; group: number; session: number; startedAt: number };

/** Longer than any stat: a whole `readFileSync` for each process of the machine would cost three times as much. */
const buffer = Buffer.alloc(1024);

/** Null for a process that is gone. Its name may hold spaces and brackets: fields count from the last bracket. */
function readStat(pid: number): Stat | null {
  try {
    const file = fs.openSync(`/proc/${pid}/stat`, 'r');
    const length = fs.readSync(file, buffer, 0, buffer.length, 0);
    fs.closeSync(file);
    const text = buffer.toString('latin1', 0, length);
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      state: `${fields[0]}`,
      group: Number(fields[2]),
      session: Number(fields[3]),
      startedAt: Number(fields[19]),
    };
  } catch {
    return null;
  }
}

/** Empty for a process that is gone, or is not ours to read. */
function readEnvironment(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, 'latin1');
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
