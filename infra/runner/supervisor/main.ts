import * as fs from 'node:fs';
import { fail } from '../../../domain/kernel/result.ts';
import type { Bundle, Exit } from '../contract.ts';
import { conclude } from './conclude.ts';
import { fetchBundle } from './fetch-bundle.ts';
import { firstWord, type Word } from './first-word.ts';
import { checkHealth } from './health/check-health.ts';
import { type JobDirectory, jobDirectory } from './job-directory.ts';
import { prepare, takesLong } from './prepare.ts';
import { type Reporter, startReporter } from './reporter.ts';
import { limitDuration, listenForStop, type StopOrders, stopOrders } from './stop-orders.ts';

/**
 * The supervisor of one submission: `node runner.cjs $H/jobs/<submission>`, detached, the bundle's URL on stdin (a
 * command line is everybody's to read), the first word to start-job on descriptor 3.
 */
async function supervise(job: JobDirectory): Promise<void> {
  const word = firstWord();
  job.writeWhole('supervisor.pid', `${process.pid}\n`);
  process.umask(0o022);
  const bundle = await fetchBundle(fs.readFileSync(0, 'utf8').trim());
  if (!bundle.ok) return refuse(job, word, { ...notStarted(job), cause: 'fetch', message: bundle.error });

  const orders = stopOrders();
  listenForStop(orders, job);
  const reporter = startReporter(bundle.value, job, (stop) => orders.give({ ...stop, cause: 'stopped' }));
  const reported = reporter.ended.then((end) => {
    const reason = 'the server does not want this submission any more';
    if (end === 'refused') orders.give({ mode: 'graceful', reason, cause: 'stopped' });
  });
  const broken = new Promise<never>((_, reject) => {
    reported.catch((error) => {
      orders.give({ mode: 'abort', reason: 'the runner cannot report', cause: 'stopped' });
      reject(error);
    });
  });
  // `reported` tells of it in the end, whether or not somebody waited here.
  broken.catch(() => {});
  const exit = await seeThrough(bundle.value, job, { orders, reporter, broken, word });
  reporter.exited(exit);
  await reported;
  // The log and the outcome stay for probe; what the job left in its own directory would fill the disk.
  fs.rmSync(job.pathOf('work'), { recursive: true, force: true });
}

type Around = { orders: StopOrders; reporter: Reporter; broken: Promise<never>; word: Word };

/** From the bundle to the exit, which is on the disk by then. */
async function seeThrough(
  bundle: Bundle,
  job: JobDirectory,
  { orders, reporter, broken, word }: Around,
): Promise<Exit> {
  if (orders.current() !== null) return refused('stopped');
  if (takesLong(bundle)) word.say('started');
  if (bundle.health != null) {
    reporter.stage('checking', 'whether the node is well');
    const healthy = await checkHealth(bundle.health, job, orders.signal);
    if (!healthy.ok) return refused(healthy.error, 'health');
    reporter.healthy();
  }
  const prepared = await prepare(bundle, job, orders, reporter).catch(asSetup);
  if (!prepared.ok) return refused(prepared.error);
  const { place, nodes } = prepared.value;
  const commands = await place.start(nodes).catch(asSetup);
  if (!commands.ok) {
    const left = await place.leave().catch(asSetup);
    return refused(left.ok ? commands.error : `${commands.error}; ${left.error}`);
  }
  try {
    job.record('started', { at: commands.value.startedAt });
    word.say('started');
    limitDuration(orders, bundle);
    reporter.started(commands.value.startedAt);
    const exit = await Promise.race([conclude(commands.value, bundle, orders), broken]);
    const left = await place.leave().catch(asSetup);
    const message = [exit.message, left.ok ? null : left.error].filter((part) => part !== null).join('; ');
    const whole = { ...exit, message: message || null };
    recordExit(job, whole);
    return whole;
  } catch (error) {
    // Whoever asks will call this submission lost, and may start another: its commands must not run beside that one.
    await commands.value.processes.signal('SIGKILL');
    await place.leave();
    throw error;
  }

  function refused(why: string, cause: 'setup' | 'health' = 'setup'): Exit {
    const order = orders.current();
    const ended = order === null ? { cause, message: why } : { cause: order.cause, message: order.reason };
    const exit: Exit = { ...notStarted(job), ...ended };
    refuse(job, word, exit);
    return exit;
  }
}

const asSetup = (error: Error) => fail(`setup: ${error.message}`);

/** The disk may be full, by the job or before it: then its own directory goes first, and the server hears of the exit in any case. */
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

/** With what a set-up script may have said. */
const notStarted = (job: JobDirectory): Exit => ({
  at: new Date().toISOString(),
  cause: 'setup',
  status: null,
  signal: null,
  log_bytes: fs.statSync(job.pathOf('log'), { throwIfNoEntry: false })?.size ?? 0,
  message: null,
});

function refuse(job: JobDirectory, word: Word, exit: Exit): void {
  recordExit(job, exit);
  word.say(`${exit.message}`);
}

void supervise(jobDirectory(process.argv[2] ?? '')).then(() => process.exit(0));
