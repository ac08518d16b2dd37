import { Exit } from './exit.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Runs `work` with a signal that the first Ctrl-C aborts; the second one ends the process at once. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | 'interrupted'> {
  const leave = new AbortController();
  const interrupt = () => {
    if (leave.signal.aborted) process.exit(Exit.detached);
    leave.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(leave.signal);
  } catch (error) {
    if (leave.signal.aborted && (error as Error).name === 'AbortError') return 'interrupted';
    throw error;
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
