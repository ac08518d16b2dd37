import * as fs from 'node:fs';
import { fail, type Result } from '../../../domain/kernel/result.ts';
import type { Bundle, Exit } from '../contract.ts';
import { fetchCode } from './code/fetch-code.ts';
import type { Commands } from './commands.ts';
import { conclude } from './conclude.ts';
import { fetchBundle } from './fetch-bundle.ts';
import type { Word } from './first-word.ts';
import { checkHealth } from './health/check-health.ts';
import type { JobDirectory } from './job-directory.ts';
import type { Place } from './place.ts';
import { placeOf, prepare, takesLong } from './prepare.ts';
import type { ProcessSignals } from './process-signals.ts';
import { type Reporter, startReporter } from './reporter.ts';
import { limitDuration, listenForStop, type StopOrders, stopOrders } from './stop-orders.ts';
import { endSupervision, recordSupervision } from './supervision.ts';
import { isLackOfInstance, type Unstarted } from './unstarted.ts';
import { emptyUserFolder } from './user-folder.ts';

/** Sees one submission through: from its bundle's URL to the exit that the server has heard of. `word`: to start-job. */
export async function supervise(
  job: JobDirectory,
  url: string,
  { word, signals }: { word: Word; signals: ProcessSignals },
): Promise<void> {
  job.writeWhole('supervisor.pid', `${process.pid}\n`);
  const bundle = await fetchBundle(url);
  if (!bundle.ok) {
    refuse(job, word, { ...notStarted(job), cause: 'fetch', message: bundle.error });
    return endSupervision(job);
  }
  await reporting(bundle.value, job, signals, (around) =>
    fromTheStart(bundle.value, job, { ...around, word }),
  );
}

/** Goes on where another supervisor died; false: nothing can be known of its commands any more. */
export async function goOn(bundle: Bundle, job: JobDirectory, signals: ProcessSignals): Promise<boolean> {
  const ended = job.readLine('exit');
  if (ended !== null) {
    const { at } = JSON.parse(job.readLine('started') ?? ended) as { at: string };
    await reporting(bundle, job, signals, async ({ reporter }) => {
      reporter.started(at);
      return JSON.parse(ended) as Exit;
    });
    return true;
  }
  const place = placeOf(bundle, job);
  const commands = place.take();
  if (commands === null) return false;
  await reporting(bundle, job, signals, (around) => toTheEnd(commands, place, bundle, job, around));
  return true;
}

type Around = { orders: StopOrders; reporter: Reporter; broken: Promise<never> };

/** Tells the server of all that `see` does, and of the exit in which it ends. */
async function reporting(
  bundle: Bundle,
  job: JobDirectory,
  signals: ProcessSignals,
  see: (around: Around) => Promise<Exit>,
): Promise<void> {
  const orders = stopOrders();
  const endListening = listenForStop(orders, job, signals);
  try {
    const reporter = startReporter(bundle, job, (stop) => orders.give({ ...stop, cause: 'stopped' }));
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
    const exit = await see({ orders, reporter, broken });
    reporter.exited(exit);
    await reported;
  } finally {
    endListening();
  }
  endSupervision(job);
  // The log and the outcome stay for probe; what the job left in its own directory would fill the disk.
  emptyUserFolder(job);
}

/** From the bundle to the exit, which is on the disk by then. */
async function fromTheStart(
  bundle: Bundle,
  job: JobDirectory,
  { word, ...around }: Around & { word: Word },
): Promise<Exit> {
  const { orders, reporter } = around;
  if (orders.current() !== null) return refused('stopped');
  if (takesLong(bundle)) word.say('started');
  if (bundle.health != null) {
    reporter.stage('checking', 'whether the node is well');
    const healthy = await checkHealth(bundle.health, job, orders.signal);
    if (!healthy.ok) return refused({ cause: 'health', message: healthy.error });
    reporter.healthy();
  }
  if (bundle.code != null) {
    reporter.stage('loading', 'the files of the run');
    const fetched = await fetchCode(bundle.code, job, orders.signal).catch(asUnstarted(job));
    if (!fetched.ok) return refused(fetched.error);
  }
  const prepared = await prepare(bundle, job, orders, reporter).catch(asUnstarted(job));
  if (!prepared.ok) return refused(prepared.error);
  const { place, nodes } = prepared.value;
  recordSupervision(job, bundle);
  const commands = await place.start(nodes).catch(asUnstarted(job));
  if (!commands.ok) {
    const left = await place.leave().catch(asSetup);
    return refused(commands.error, left.ok ? null : left.error);
  }
  return toTheEnd(commands.value, place, bundle, job, around, word);

  function refused(why: string | Unstarted, besides: string | null = null): Exit {
    const order = orders.current();
    const { cause, message } = typeof why === 'string' ? { cause: 'setup' as const, message: why } : why;
    const whole = besides === null ? message : `${message}; ${besides}`;
    const ended = order === null ? { cause, message: whole } : { cause: order.cause, message: order.reason };
    const exit: Exit = { ...notStarted(job), ...ended };
    refuse(job, word, exit);
    return exit;
  }
}

/** From the commands to the exit. */
async function toTheEnd(
  commands: Commands,
  place: Place,
  bundle: Bundle,
  job: JobDirectory,
  { orders, reporter, broken }: Around,
  word?: Word,
): Promise<Exit> {
  let endLimit = () => {};
  try {
    job.record('started', { at: commands.startedAt });
    word?.say('started');
    endLimit = limitDuration(orders, bundle, (Date.now() - Date.parse(commands.startedAt)) / 1000);
    reporter.started(commands.startedAt);
    const exit = await Promise.race([conclude(commands, bundle, orders), broken]);
    const left = await place.leave().catch(asSetup);
    const message = [exit.message, left.ok ? null : left.error].filter((part) => part !== null).join('; ');
    const whole = { ...exit, message: message || null };
    recordExit(job, whole);
    return whole;
  } catch (error) {
    // Whoever asks will call this submission lost, and may start another: its commands must not run beside that one.
    await commands.processes.signal('SIGKILL');
    await place.leave();
    throw error;
  } finally {
    endLimit();
  }
}

/** An error before the commands, by whose fault it is. Commands that may have begun are not begun again elsewhere. */
const asUnstarted =
  (job: JobDirectory) =>
  (error: Error): Result<never, Unstarted> => {
    const unbegun = !fs.existsSync(job.pathOf('commands.pid'));
    const cause = unbegun && isLackOfInstance(error) ? 'instance' : 'setup';
    return fail({ cause, message: `setup: ${error.message}` });
  };

const asSetup = (error: Error) => fail(`setup: ${error.message}`);

/** The disk may be full, by the job or before it: then its own directory goes first, and the server hears of the exit in any case. */
function recordExit(job: JobDirectory, exit: Exit): void {
  try {
    job.record('exit', exit);
  } catch {
    emptyUserFolder(job);
    try {
      job.record('exit', exit);
    } catch (error) {
      job.complain(`cannot write the exit: ${String(error)}`);
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
