import * as fs from 'node:fs';
import type { Answer, Bundle, Exit, Report, Stop } from '../contract.ts';
import { bell } from './bell.ts';
import type { JobDirectory } from './job-directory.ts';
import { LARGEST_CHUNK, nextReport, type Standing } from './next-report.ts';
import { type Outcome, sendReport } from './send-report.ts';

/** `refused`: the server does not want this submission. `gave-up`: 12 h after the exit it still had not answered. */
export type ReportingEnd = 'delivered' | 'refused' | 'gave-up';
export type Reporter = { ended: Promise<ReportingEnd>; exited(exit: Exit): void };

const PATIENCE_AFTER_EXIT_MS = 12 * 3600 * 1000;
const LONGEST_PAUSE_MS = 15_000;

/** Tells the server, at least once, all that it should know, for as long as that takes. */
export function startReporter(
  bundle: Bundle,
  job: JobDirectory,
  startedAt: string | null,
  onStop: (stop: Stop) => void,
): Reporter {
  const rings = bell();
  const heartbeatMs = bundle.heartbeat_seconds * 1000;
  const log = fs.openSync(job.pathOf('log'), 'a+', 0o600);
  const standing: Standing = {
    now: 0,
    started: startedAt === null ? 'never' : 'unsaid',
    logBytes: 0,
    acknowledgedBytes: 0,
    exit: null,
    lastHeartbeatAt: 0,
    lastLogAt: Number.NEGATIVE_INFINITY,
  };

  async function report(): Promise<ReportingEnd> {
    let failures = 0;
    let refusedSince: number | null = null;
    let exitSince: number | null = null;
    for (;;) {
      standing.now = performance.now();
      standing.logBytes = fs.fstatSync(log).size;
      if (standing.exit !== null) exitSince ??= standing.now;
      const next = nextReport(standing, heartbeatMs);
      if ('wait' in next) {
        await rings.wait(next.wait);
        continue;
      }
      const outcome = await sendReport(bundle, compose(next.send));
      if (outcome.kind === 'answered' && heed(next.send, outcome.answer)) {
        if (next.send === 'exit') return 'delivered';
        failures = 0;
        refusedSince = null;
        continue;
      }
      // A second look before a refusal is believed: no healthy job may die of a gateway's 403 between two deployments.
      refusedSince = outcome.kind === 'refused' ? (refusedSince ?? standing.now) : null;
      if (outcome.kind === 'gone') return 'refused';
      if (refusedSince !== null && standing.now - refusedSince >= 2 * heartbeatMs) return 'refused';
      if (exitSince !== null && standing.now - exitSince >= PATIENCE_AFTER_EXIT_MS) return 'gave-up';
      touchUnlessDeserted(outcome);
      await pause(failures++);
    }
  }

  function compose(part: 'started' | 'log' | 'exit' | 'heartbeat'): Report {
    const at = new Date().toISOString();
    if (part === 'started' && startedAt !== null) return { at, started: { at: startedAt } };
    if (part === 'exit' && standing.exit !== null) return { at, exit: standing.exit };
    if (part !== 'log') return { at };
    const offset = standing.acknowledgedBytes;
    const chunk = Buffer.alloc(Math.min(LARGEST_CHUNK, standing.logBytes - offset));
    const length = fs.readSync(log, chunk, 0, chunk.length, offset);
    return { at, log: { offset, data: chunk.toString('base64', 0, length), at } };
  }

  /** False when the answer leaves us where we were: the same report once more would be a busy loop. */
  function heed(part: 'started' | 'log' | 'exit' | 'heartbeat', { log_offset, stop }: Answer): boolean {
    job.touchContact();
    if (stop !== null) onStop(stop);
    const before = standing.acknowledgedBytes;
    if (log_offset !== null) standing.acknowledgedBytes = Math.min(log_offset, standing.logBytes);
    if (part === 'started' || part === 'heartbeat') standing.lastHeartbeatAt = standing.now;
    if (part === 'started') standing.started = 'said';
    if (part === 'log') {
      standing.lastLogAt = standing.now;
      return standing.acknowledgedBytes !== before;
    }
    return part !== 'exit' || standing.acknowledgedBytes === standing.logBytes;
  }

  /** An answer of 5xx is an outage: the deployment is there, and its instances must not take themselves for deserted. */
  function touchUnlessDeserted({ kind }: Outcome): void {
    if (kind === 'failing') job.touchContact();
  }

  return {
    ended: report(),
    exited(exit) {
      standing.exit = exit;
      rings.ring();
    },
  };
}

async function pause(failures: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, 200 * 2 ** failures);
  await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}
