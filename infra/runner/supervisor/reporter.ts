import * as fs from 'node:fs';
import type { ReadyContainer } from '../../../domain/container/sighting.ts';
import type { Answer, Bundle, Exit, GangOrder, Report, Stage, Stop } from '../contract.ts';
import { bell } from './bell.ts';
import { gangQuestions, type Question } from './gang-questions.ts';
import type { JobDirectory } from './job-directory.ts';
import { news } from './news.ts';
import { LARGEST_CHUNK, nextReport, type Part, type Standing } from './next-report.ts';
import { type Outcome, sendReport } from './send-report.ts';
import { sentLog } from './sent-log.ts';

/** `refused`: the server does not want this submission. `gave-up`: 12 h after the exit it still had not answered. */
export type ReportingEnd = 'delivered' | 'refused' | 'gave-up';
export type Reporter = {
  /** Nothing is said, and no heartbeat, before there is something to say. */
  ended: Promise<ReportingEnd>;
  healthy(): void;
  stage(name: Stage, message: string): void;
  container(ready: ReadyContainer): void;
  /** The order that answers it; null: the signal came first. */
  ask(question: Question, signal: AbortSignal): Promise<Exclude<GangOrder, { order: 'wait' }> | null>;
  started(at: string): void;
  exited(exit: Exit): void;
};

const PATIENCE_AFTER_EXIT_MS = 12 * 3600 * 1000;
const LONGEST_PAUSE_MS = 15_000;

/** Tells the server, at least once, all that it should know, for as long as that takes. */
export function startReporter(bundle: Bundle, job: JobDirectory, onStop: (stop: Stop) => void): Reporter {
  const rings = bell();
  const heartbeatMs = bundle.heartbeat_seconds * 1000;
  const file = fs.openSync(job.pathOf('log'), 'a+', 0o600);
  const log = sentLog(file, bundle.log_limit ?? Number.POSITIVE_INFINITY);
  const unsaid = news();
  const gang = gangQuestions();
  let startedAt: string | null = null;
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const own = {
    started: 'not-yet' as Standing['started'],
    startedAt: 0,
    acknowledgedBytes: Number(job.readLine('reported') ?? 0),
    exit: null as Exit | null,
    lastHeartbeatAt: 0,
    lastLogAt: Number.NEGATIVE_INFINITY,
  };
  const standing = (): Standing => ({
    ...own,
    ...unsaid.standing(),
    question: gang.standing(),
    now: performance.now(),
    logBytes: log.size(),
  });

  async function report(): Promise<ReportingEnd> {
    let failures = 0;
    let refusedSince: number | null = null;
    let exitSince: number | null = null;
    await begun;
    for (;;) {
      const at = standing();
      if (at.exit !== null) exitSince ??= at.now;
      const next = nextReport(at, heartbeatMs);
      if ('wait' in next) {
        await rings.wait(next.wait);
        continue;
      }
      const said = await compose(next.send, at);
      const outcome = await sendReport(bundle, said);
      if (outcome.kind === 'answered' && heed(next.send, at, said, outcome.answer)) {
        if (endsIt(next.send)) return 'delivered';
        failures = 0;
        refusedSince = null;
        continue;
      }
      // A second look before a refusal is believed: no healthy job may die of a gateway's 403 between two deployments.
      refusedSince = outcome.kind === 'refused' ? (refusedSince ?? at.now) : null;
      if (outcome.kind === 'gone') return 'refused';
      if (refusedSince !== null && at.now - refusedSince >= 2 * heartbeatMs) return 'refused';
      if (exitSince !== null && at.now - exitSince >= PATIENCE_AFTER_EXIT_MS) return 'gave-up';
      touchUnlessDeserted(outcome);
      await pause(failures++);
    }
  }

  async function compose(part: Part, { acknowledgedBytes, logBytes, exit }: Standing): Promise<Report> {
    const at = new Date().toISOString();
    if (part === 'health' || part === 'stage' || part === 'container') return { at, ...unsaid.first() };
    if (part === 'arrived' || part === 'prepared') return { at, ...gang.question() };
    const started = startedAt === null ? {} : { started: { at: startedAt } };
    if (part === 'started') return { at, ...started };
    // The log ends where what is sent of it does.
    const told = exit && { ...exit, log_bytes: logBytes };
    if (part === 'exit' && told !== null) return { at, exit: told };
    if (part === 'whole' && told !== null)
      return { at, ...started, ...(logBytes > acknowledgedBytes && { log: await chunkAt(at) }), exit: told };
    return part === 'log' ? { at, log: await chunkAt(at) } : { at };

    async function chunkAt(at: string): Promise<NonNullable<Report['log']>> {
      const chunk = log.read(acknowledgedBytes, Math.min(LARGEST_CHUNK, logBytes - acknowledgedBytes));
      return { offset: acknowledgedBytes, ...(await encoded(chunk)), at };
    }
  }

  /** False when the answer leaves us where we were: the same report once more would be a busy loop. */
  function heed(part: Part, at: Standing, said: Report, answer: Answer): boolean {
    job.touchContact();
    if (answer.stop !== null) onStop(answer.stop);
    const before = own.acknowledgedBytes;
    if (answer.log_offset !== null) own.acknowledgedBytes = Math.min(answer.log_offset, at.logBytes);
    if (own.acknowledgedBytes !== before) keepPosition();
    if (part === 'started' || part === 'heartbeat') own.lastHeartbeatAt = at.now;
    if (part === 'started' || part === 'whole') own.started = 'said';
    if (part === 'health' || part === 'stage' || part === 'container') unsaid.said(said, at.now);
    if (part === 'arrived' || part === 'prepared') gang.answered(part, answer.gang, at.now);
    if (part === 'log') {
      own.lastLogAt = at.now;
      return own.acknowledgedBytes !== before;
    }
    return !endsIt(part) || own.acknowledgedBytes === at.logBytes;
  }

  /** For a supervisor that goes on after a crash of this one. Without it, all is sent again. */
  function keepPosition(): void {
    try {
      job.writeWhole('reported', `${own.acknowledgedBytes}\n`);
    } catch {
      // The disk is full.
    }
  }

  /** An answer of 5xx is an outage: the deployment is there, and its instances must not take themselves for deserted. */
  function touchUnlessDeserted({ kind }: Outcome): void {
    if (kind === 'failing') job.touchContact();
  }

  const sayNow = () => {
    begin();
    rings.ring();
  };
  return {
    ended: report().finally(() => fs.closeSync(file)),
    healthy() {
      unsaid.healthy();
      sayNow();
    },
    stage(name, message) {
      unsaid.stage({ at: new Date().toISOString(), name, message });
      sayNow();
    },
    container(ready) {
      unsaid.container(ready);
      sayNow();
    },
    ask(question, signal) {
      const answer = gang.ask(question, signal);
      sayNow();
      return answer;
    },
    started(at) {
      startedAt = at;
      own.started = 'unsaid';
      own.startedAt = performance.now();
      sayNow();
    },
    exited(exit) {
      own.exit = exit;
      sayNow();
    },
  };
}

const endsIt = (part: Part): boolean => part === 'exit' || part === 'whole';

// Below it, compression saves no packet.
const WORTH_COMPRESSING = 1024;

async function encoded(chunk: Buffer): Promise<{ data: string; encoding?: 'gzip' }> {
  if (chunk.length < WORTH_COMPRESSING) return { data: chunk.toString('base64') };
  const { gzipSync } = await import('node:zlib');
  return { data: gzipSync(chunk, { level: 1 }).toString('base64'), encoding: 'gzip' };
}

async function pause(failures: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, 200 * 2 ** failures);
  await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}
