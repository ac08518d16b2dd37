import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import { give } from './container/run-cli.ts';
import { endCgroup, makeCgroup } from './job-cgroup.ts';
import type { JobDirectory } from './job-directory.ts';
import type { JobProcesses } from './job-processes.ts';
import { recorded } from './recorder.ts';
import type { Progress } from './script.ts';

export type ShellEnd = { status: number | null; signal: string | null };
export type Commands = {
  startedAt: string;
  processes: JobProcesses;
  shellEnded: Promise<ShellEnd>;
  /** Which command the script has reached; null: it is not known. */
  progress(): Promise<Progress | null>;
  /** Once none of the job's processes lives: how many of them the kernel has killed for want of memory; null: unknown. */
  killedForMemory(): number | null;
  /** The size of `log` once it has all that the job's processes wrote; one that escaped us delays it by 2 s at most. */
  logWritten(): Promise<number>;
};

/** The program that runs all commands, with its whole environment. `owner`: who may open its output anew. */
export type Shell = {
  argv: string[];
  directory: string;
  env: Record<string, string>;
  input: string | null;
  owner: { uid: number; gid: number };
  progress: Commands['progress'];
  /** Null: the shell has ended, and its number may be another's. */
  processesOf(pid: number | null): JobProcesses;
};

export const LONGEST_DRAIN_MS = 2_000;

/** Starts the shell in a session of its own, its output going to the job's log; or the code of what went wrong. */
export async function startShell(shell: Shell, job: JobDirectory): Promise<Result<Commands, string>> {
  const { argv, directory, env, input, owner } = shell;
  const pipe = openPipe(job.pathOf('output'), owner);
  const log = fs.openSync(job.pathOf('log'), 'a', 0o600);
  const stdin = input === null ? 'ignore' : 'pipe';

  const [program = '', ...args] = recorded(job.pathOf('.'), makeCgroup(job), argv);
  const child = attempt(() =>
    spawn(program, args, { cwd: directory, env, detached: true, stdio: [stdin, pipe.write, pipe.write] }),
  );
  const refusal = child instanceof Error ? child : child.pid === undefined ? await failure(child) : null;
  fs.closeSync(pipe.write);
  // The code alone: a message may quote the environment, secrets and all.
  if (child instanceof Error || refusal !== null || child.pid === undefined) return fail(`${refusal?.code}`);
  give(child, input);
  const startedAt = new Date().toISOString();
  const processes = shell.processesOf(child.pid);
  const shellEnded = once(child, 'exit').then(([status, signal]) => ({ status, signal }) as ShellEnd);
  const logWritten = copy(pipe.read, log, job);
  const killedForMemory = () => endCgroup(job);
  return ok({ startedAt, processes, shellEnded, logWritten, progress: shell.progress, killedForMemory });
}

/**
 * A pipe, not the file itself: `echo … > /dev/stderr` truncates a file that is the standard error. The owner's, since
 * opening /dev/stdout asks for permission again.
 */
function openPipe(path: string, { uid, gid }: { uid: number; gid: number }): { read: number; write: number } {
  fs.chownSync(path, uid, gid);
  // Open for both first: opening a FIFO for one side waits for the other.
  const both = fs.openSync(path, 'r+');
  const pipe = { read: fs.openSync(path, 'r'), write: fs.openSync(path, 'w') };
  fs.closeSync(both);
  return pipe;
}

/** By a process of its own: when the supervisor dies, the log stays whole and the commands do not get a SIGPIPE. */
function copy(from: number, log: number, job: JobDirectory): () => Promise<number> {
  const cat = spawn('cat', { env: { PATH: process.env.PATH }, detached: true, stdio: [from, log, 'ignore'] });
  fs.closeSync(from);
  fs.writeFileSync(job.pathOf('copy.pid'), `${cat.pid}\n`, { mode: 0o600 });
  const ended = once(cat, 'exit');
  return async () => {
    const timer = setTimeout(() => cat.kill(), LONGEST_DRAIN_MS);
    await ended;
    clearTimeout(timer);
    const { size } = fs.fstatSync(log);
    fs.closeSync(log);
    return size;
  };
}

function attempt(start: () => ChildProcess): ChildProcess | NodeJS.ErrnoException {
  try {
    return start();
  } catch (error) {
    return error as Error;
  }
}

async function failure(child: ChildProcess): Promise<NodeJS.ErrnoException> {
  const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
  return error;
}
