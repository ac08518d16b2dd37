import * as fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Commands, LONGEST_DRAIN_MS, type Shell, type ShellEnd } from './commands.ts';
import { endCgroup } from './job-cgroup.ts';
import type { JobDirectory } from './job-directory.ts';
import { commandLineHas } from './supervision.ts';

const LOOK_EVERY_MS = 50;

/** A shell that a dead supervisor has started, known by what its parent writes to the disk; null: it left no trace. */
export function takeShell(
  { processesOf, progress }: Pick<Shell, 'processesOf' | 'progress'>,
  job: JobDirectory,
): Commands | null {
  const recorder = job.readLine('commands.pid');
  const isAlive = () =>
    recorder !== null && commandLineHas(recorder, (line) => line.includes(job.submission));
  const alive = isAlive();
  if (!alive && job.readLine('status') === null) return null;
  const since = JSON.parse(job.readLine('started') ?? 'null') as { at: string } | null;

  /** The recorder was killed, and its shell with it, where it left no status. */
  async function shellEnded(): Promise<ShellEnd> {
    while (isAlive()) await pause(LOOK_EVERY_MS);
    const status = job.readLine('status');
    return status === null ? { status: null, signal: 'SIGKILL' } : { status: Number(status), signal: null };
  }

  async function logWritten(): Promise<number> {
    const deadline = Date.now() + LONGEST_DRAIN_MS;
    while (isRead(job.pathOf('output')) && Date.now() < deadline) await pause(LOOK_EVERY_MS);
    const copier = Number(job.readLine('copy.pid'));
    if (reads(copier, job.pathOf('output'))) process.kill(copier, 'SIGTERM');
    return fs.statSync(job.pathOf('log')).size;
  }

  return {
    startedAt: since?.at ?? new Date().toISOString(),
    processes: processesOf(alive ? Number(recorder) : null),
    shellEnded: shellEnded(),
    logWritten,
    progress,
    killedForMemory: () => endCgroup(job),
  };
}

/** A FIFO that nobody reads cannot be opened for writing without waiting. */
function isRead(fifo: string): boolean {
  try {
    fs.closeSync(fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

function reads(pid: number, path: string): boolean {
  try {
    return fs.readlinkSync(`/proc/${pid}/fd/0`) === path;
  } catch {
    return false;
  }
}
