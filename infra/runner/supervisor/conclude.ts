import type { Bundle, Exit } from '../contract.ts';
import type { Commands, ShellEnd } from './commands.ts';
import { failedCommand, outOfMemory } from './failure.ts';
import type { StopOrders } from './stop-orders.ts';

/** A process in an uninterruptible wait outlives KILL: the exit is not held back for it. */
const LONGEST_KILL_MS = 10_000;

/** Waits until the commands have ended, of themselves or on order, and until nothing of the job lives. */
export async function conclude(
  { processes, shellEnded, logWritten, progress, killedForMemory }: Commands,
  bundle: Bundle,
  orders: StopOrders,
): Promise<Exit> {
  let running = true;
  void shellEnded.then(() => {
    running = false;
    orders.bell.ring();
  });
  while (running && orders.current() === null) await orders.bell.wait(LONGEST_KILL_MS);

  const order = running ? orders.current() : null;
  if (order !== null) {
    const deadline = Date.now() + (bundle.stop_duration ?? Number.POSITIVE_INFINITY) * 1000;
    if (order.mode === 'graceful') await processes.signal('SIGTERM');
    // Not only the shell: it dies of TERM at once, while its child may be saving a checkpoint.
    while (orders.current()?.mode === 'graceful' && Date.now() < deadline) {
      if ((await processes.alive()).length === 0) break;
      await orders.bell.wait(processes.lookEveryMs);
    }
  }
  // Before the container ends with the last of its processes.
  const failed = order === null ? await failedCommand(await shellEnded, bundle, progress) : null;
  const left = await killAll(processes);
  // An engine's client may miss the end of what it waits for.
  const unseen = new Promise<ShellEnd>((resolve) => {
    setTimeout(resolve, LONGEST_KILL_MS, { status: null, signal: null }).unref();
  });
  const end = left.length === 0 ? await Promise.race([shellEnded, unseen]) : { status: null, signal: null };
  const log_bytes = await logWritten();
  const memory = outOfMemory(end, killedForMemory());
  const why = order === null ? [failed, memory].filter((part) => part !== null).join('; ') : order.reason;
  const survivors = left.length === 0 ? null : `processes ${left.join(', ')} outlived KILL`;
  return {
    at: new Date().toISOString(),
    cause: order?.cause ?? 'commands',
    ...end,
    log_bytes,
    message: survivors ?? (why || null),
  };
}

async function killAll(processes: Commands['processes']): Promise<number[]> {
  const deadline = Date.now() + LONGEST_KILL_MS;
  for (;;) {
    const left = await processes.alive();
    if (left.length === 0 || Date.now() >= deadline) return left;
    await processes.signal('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
