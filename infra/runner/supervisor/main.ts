import * as fs from 'node:fs';
import { fail } from '../../../domain/kernel/result.ts';
import type { Bundle, Exit } from '../contract.ts';
import { type Commands, startCommands } from './commands.ts';
import { conclude } from './conclude.ts';
import { fetchBundle } from './fetch-bundle.ts';
import { type JobDirectory, jobDirectory } from './job-directory.ts';
import { startReporter } from './reporter.ts';
import { listenForStop, type StopOrders, stopOrders } from './stop-orders.ts';

/**
 * The supervisor of one submission: `node runner.cjs $H/jobs/<submission>`, detached, the bundle's URL on stdin (a
 * command line is everybody's to read), the first word to start-job on descriptor 3.
 */
async function supervise(job: JobDirectory): Promise<void> {
  job.writeWhole('supervisor.pid', `${process.pid}\n`);
  process.umask(0o022);
  const bundle = await fetchBundle(fs.readFileSync(0, 'utf8').trim());
  if (!bundle.ok) return refuse(job, { ...notStarted(), cause: 'fetch', message: bundle.error });

  const orders = stopOrders();
  listenForStop(orders, job, bundle.value);
  const order = orders.current();
  if (order !== null) {
    const exit: Exit = { ...notStarted(), cause: order.cause, message: order.reason };
    refuse(job, exit);
    return reportExit(bundle.value, job, exit);
  }
  const commands = await startCommands(bundle.value, job).catch((error: Error) =>
    fail(`setup: ${error.message}`),
  );
  if (!commands.ok) {
    const exit: Exit = { ...notStarted(), message: commands.error };
    refuse(job, exit);
    return reportExit(bundle.value, job, exit);
  }
  try {
    await seeThrough(bundle.value, job, commands.value, orders);
  } catch (error) {
    // Whoever asks will call this submission lost, and may start another: its commands must not run beside that one.
    commands.value.processes.signal('SIGKILL');
    throw error;
  }
}

async function seeThrough(
  bundle: Bundle,
  job: JobDirectory,
  commands: Commands,
  orders: StopOrders,
): Promise<void> {
  job.record('started', { at: commands.startedAt });
  say('started');
  const reporter = startReporter(bundle, job, commands.startedAt, (stop) =>
    orders.give({ ...stop, cause: 'stopped' }),
  );
  const reported = reporter.ended.then((end) => {
    const reason = 'the server does not want this submission any more';
    if (end === 'refused') orders.give({ mode: 'graceful', reason, cause: 'stopped' });
  });
  const broken = new Promise<never>((_, reject) => {
    reported.catch(reject);
  });
  const exit = await Promise.race([conclude(commands, bundle, orders), broken]);
  recordExit(job, exit);
  reporter.exited(exit);
  await reported;
  // The log and the outcome stay for probe; what the job left in its own directory would fill the disk.
  fs.rmSync(job.pathOf('work'), { recursive: true, force: true });
}

/** A job may have filled the disk: then its own directory goes first, and the server hears of the exit in any case. */
function recordExit(job: JobDirectory, exit: Exit): void {
  try {
    job.record('exit', exit);
  } catch {
    fs.rmSync(job.pathOf('work'), { recursive: true, force: true });
    try {
      job.record('exit', exit);
    } catch (error) {
      process.stderr.write(`cannot write the exit: ${String(error)}\n`);
    }
  }
}

const notStarted = (): Exit => ({
  at: new Date().toISOString(),
  cause: 'setup',
  status: null,
  signal: null,
  log_bytes: 0,
  message: null,
});

function refuse(job: JobDirectory, exit: Exit): void {
  job.record('exit', exit);
  say(`${exit.message}`);
}

async function reportExit(bundle: Bundle, job: JobDirectory, exit: Exit): Promise<void> {
  const reporter = startReporter(bundle, job, null, () => {});
  reporter.exited(exit);
  await reporter.ended;
}

/** start-job reads until the descriptor closes: one word is all it waits for. */
function say(word: string): void {
  fs.writeSync(3, `${word}\n`);
  fs.closeSync(3);
}

void supervise(jobDirectory(process.argv[2] ?? '')).then(() => process.exit(0));
