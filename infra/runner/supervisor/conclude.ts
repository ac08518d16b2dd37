import type { Bundle, Exit } from '../contract.ts';
import type { Commands, ShellEnd } from './commands.ts';
import type { StopOrders } from './stop-orders.ts';

/** A process in an uninterruptible wait outlives KILL: the exit is not held back for it. */
const LONGEST_KILL_MS = 10_000;

/** Waits until the commands have ended, of themselves or on order, and until nothing of the job lives. */
export async function conclude(
  { processes, shellEnded, logWritten, progress }: Commands,
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
  const failed = order === null ? await failure(await shellEnded, bundle, progress) : null;
  const left = await killAll(processes);
  // An engine's client may miss the end of what it waits for.
  const unseen = new Promise<ShellEnd>((resolve) => {
    setTimeout(resolve, LONGEST_KILL_MS, { status: null, signal: null }).unref();
  });
  const end = left.length === 0 ? await Promise.race([shellEnded, unseen]) : { status: null, signal: null };
  const log_bytes = await logWritten();
  const survivors = left.length === 0 ? null : `processes ${left.join(', ')} outlived KILL`;
  return {
    at: new Date().toISOString(),
    cause: order?.cause ?? 'commands',
    ...end,
    log_bytes,
    message: survivors ?? order?.reason ?? failed,
  };
}

const SHOWN = 80;

/** Names the command that failed, as far as it is known; null: none did. */
async function failure(
  { status, signal }: ShellEnd,
  { commands, own_commands = 0 }: Bundle,
  progress: Commands['progress'],
): Promise<string | null> {
  if (status === 0) return null;
  const number = (await progress().catch(() => null))?.command ?? 0;
  const command = commands[number - 1];
  if (command === undefined || number <= own_commands) return null;
  const [line = ''] = command.trim().split('\n');
  const shown = line.length > SHOWN || line !== command.trim() ? `${line.slice(0, SHOWN)}…` : line;
  const many = commands.length - own_commands;
  const which = many > 1 ? ` (command ${number - own_commands} of ${many})` : '';
  return signal === null ? `\`${shown}\`${which} exited ${status}` : `${signal} ended \`${shown}\`${which}`;
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
