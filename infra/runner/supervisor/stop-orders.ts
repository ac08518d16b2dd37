import type { Bundle, Stop } from '../contract.ts';
import { type Bell, bell } from './bell.ts';
import type { JobDirectory } from './job-directory.ts';

export type StopOrder = Stop & { cause: 'stopped' | 'max_duration' };
export type StopOrders = {
  current(): StopOrder | null;
  give(order: StopOrder): void;
  bell: Bell;
  /** Aborted by the first order, for what stops in one way only. */
  signal: AbortSignal;
};

/** What the job was told: the first order gives cause and reason, a later one may only make a graceful stop an abort. */
export function stopOrders(): StopOrders {
  const rings = bell();
  const first = new AbortController();
  let current: StopOrder | null = null;
  return {
    current: () => current,
    bell: rings,
    signal: first.signal,
    give(order) {
      if (current !== null && (current.mode === 'abort' || order.mode === 'graceful')) return;
      current = current === null ? order : { ...current, mode: 'abort' };
      first.abort();
      rings.ring();
    },
  };
}

const LOOK_EVERY_MS = 500;

/** The orders that come by disk and by signal; those in answers are the reporter's. */
export function listenForStop(orders: StopOrders, job: JobDirectory): void {
  const look = () => {
    const stop = job.readStop();
    if (stop !== null) orders.give({ ...stop, cause: 'stopped' });
  };
  setInterval(look, LOOK_EVERY_MS);
  // stop-job sends CONT to hasten the look: it harms nobody, even where the handler is not yet set.
  process.on('SIGCONT', look);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () =>
      orders.give({ mode: 'graceful', reason: 'the instance shuts down', cause: 'stopped' }),
    );
  }
  look();
}

/** The order that comes by the clock, which begins with the commands: to pull an image takes nothing of a job's time. */
export function limitDuration(orders: StopOrders, { max_duration }: Bundle): void {
  if (max_duration === null) return;
  const due = uptime() + max_duration;
  const reason = `ran for max_duration, ${max_duration} s`;
  const timer = setInterval(
    () => {
      if (uptime() < due) return;
      clearInterval(timer);
      orders.give({ mode: 'graceful', reason, cause: 'max_duration' });
    },
    Math.min(LOOK_EVERY_MS, max_duration * 1000),
  );
}

const uptime = () => performance.now() / 1000;
