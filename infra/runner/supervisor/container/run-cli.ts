import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A command line for an engine's client. `env` is added to the agent's own, which the client needs to find its engine;
 * `input` goes to its standard input.
 */
export type Invocation = { argv: string[]; env: Readonly<Record<string, string>>; input: string | null };

export type Ended = {
  status: number | null;
  out: string;
  err: string;
  cut: null | 'stopped' | 'late';
};

const KEPT = 256 * 1024;
const SHORT_MS = 60_000;

/** Runs it to its end, or until `signal` or the time ends it. A program that is not there has a status of null. */
export async function runCli(
  { argv, env, input }: Invocation,
  at: { signal?: AbortSignal; milliseconds?: number; heard?(chunk: Buffer): void } = {},
): Promise<Ended> {
  const ended: Ended = { status: null, out: '', err: '', cut: null };
  if (at.signal?.aborted) return { ...ended, cut: 'stopped' };
  const [program = '', ...args] = argv;
  // A group of its own: what it started for itself ends with it.
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    detached: true,
    stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  give(child, input);
  const keep = (name: 'out' | 'err') => (chunk: Buffer) => {
    ended[name] = (ended[name] + chunk.toString()).slice(-KEPT);
    at.heard?.(chunk);
  };
  child.stdout?.on('data', keep('out'));
  child.stderr?.on('data', keep('err'));
  const cut = (why: 'stopped' | 'late') => {
    ended.cut ??= why;
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const stop = () => cut('stopped');
  at.signal?.addEventListener('abort', stop);
  const timer = setTimeout(() => cut('late'), at.milliseconds ?? SHORT_MS);
  await new Promise<void>((resolve) => {
    child.on('error', (error) => {
      ended.err = error.message;
      resolve();
    });
    child.on('close', (status) => {
      ended.status = status;
      resolve();
    });
  });
  clearTimeout(timer);
  at.signal?.removeEventListener('abort', stop);
  return ended;
}

/** A client that ends before it has read its input says why by its status: the broken pipe adds nothing. */
export function give(child: ChildProcess, input: string | null): void {
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
}

export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** What went wrong, short enough for an event: the end of what the client said. */
export function complaint({ cut, err, out, status }: Ended): string {
  if (cut === 'stopped') return 'stopped';
  if (cut === 'late') return 'there was no answer in time';
  const said = (err.trim() || out.trim()).split('\n').filter((line) => line.trim() !== '');
  return said.slice(-3).join(' ').slice(-500) || `it ended with status ${status}`;
}
