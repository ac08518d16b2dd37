import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { Bundle } from '../contract.ts';
import type { JobDirectory } from './job-directory.ts';
import { type JobProcesses, jobProcesses } from './job-processes.ts';
import { script } from './script.ts';
import { prepareSetting } from './setting.ts';

export type ShellEnd = { status: number | null; signal: string | null };
export type Commands = {
  startedAt: string;
  processes: JobProcesses;
  shellEnded: Promise<ShellEnd>;
  /** The size of `log` once it has all that the job's processes wrote; one that escaped us delays it by 2 s at most. */
  logWritten(): Promise<number>;
};

const LONGEST_DRAIN_MS = 2_000;

/** Starts all commands in one shell, in a session of its own, or says why it cannot. */
export async function startCommands(bundle: Bundle, job: JobDirectory): Promise<Result<Commands, string>> {
  const setting = prepareSetting(bundle, job);
  if (!setting.ok) return setting;
  const { prefix, owner, directory, env } = setting.value;
  const file = job.pathOf('commands');
  fs.writeFileSync(file, script(bundle.commands), { mode: 0o600 });
  fs.chownSync(file, owner.uid, owner.gid);
  const pipe = openPipe(job.pathOf('output'), owner);
  const log = fs.openSync(job.pathOf('log'), 'a', 0o600);

  const [program, ...args] = [...prefix, bundle.shell, file];
  const shell = attempt(() =>
    spawn(program, args, { cwd: directory, env, detached: true, stdio: ['ignore', pipe.write, pipe.write] }),
  );
  const refusal = shell instanceof Error ? shell : shell.pid === undefined ? await failure(shell) : null;
  fs.closeSync(pipe.write);
  if (shell instanceof Error || refusal !== null || shell.pid === undefined) {
    // The code alone: a message may quote the environment, secrets and all.
    return fail(`shell: cannot run '${program}' on this instance (${refusal?.code})`);
  }
  const startedAt = new Date().toISOString();
  const processes = jobProcesses(shell.pid, bundle.submission);
  const shellEnded = once(shell, 'exit').then(([status, signal]) => ({ status, signal }) as ShellEnd);
  const logWritten = copy(pipe.read, log);
  try {
    job.writeWhole('commands.pid', `${shell.pid}\n`);
  } catch (error) {
    processes.signal('SIGKILL');
    throw error;
  }
  return ok({ startedAt, processes, shellEnded, logWritten });
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
function copy(from: number, log: number): () => Promise<number> {
  const cat = spawn('cat', { env: { PATH: process.env.PATH }, detached: true, stdio: [from, log, 'ignore'] });
  fs.closeSync(from);
  const ended = once(cat, 'exit');
  return async () => {
    const timer = setTimeout(() => cat.kill(), LONGEST_DRAIN_MS);
    await ended;
    clearTimeout(timer);
    return fs.fstatSync(log).size;
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
