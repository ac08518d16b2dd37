import type { Bundle, Stop } from '../contract.ts';
import { type Bell, bell } from './bell.ts';
import type { JobDirectory } from './job-directory.ts';
import type { ProcessSignals } from './process-signals.ts';

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

/** The orders that come by disk and by signal, until the returned function is called; those in answers are the reporter's. */
export function listenForStop(orders: StopOrders, job: JobDirectory, signals: ProcessSignals): () => void {
  const look = () => {
    const stop = job.readStop();
    if (stop !== null) orders.give({ ...stop, cause: 'stopped' });
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  const silence = [
    signals.onLook(look),
    signals.onShutdown(() =>
      orders.give({ mode: 'graceful', reason: 'the instance shuts down', cause: 'stopped' }),
    ),
  ];
  look();
  return () => {
    clearInterval(timer);
    for (const end of silence) end();
  };
}

/**
 * The order that comes by the clock, which begins with the commands: to pull an image takes nothing of a job's time.
 * `elapsed`: the seconds that they have run already.
 */
export function limitDuration(orders: StopOrders, { max_duration }: Bundle, elapsed: number): () => void {
  if (max_duration === null) return () => {};
  const due = uptime() + max_duration - elapsed;
  const reason = `ran for max_duration, ${max_duration} s`;
  const timer = setInterval(
    () => {
      if (uptime() < due) return;
      clearInterval(timer);
      orders.give({ mode: 'graceful', reason, cause: 'max_duration' });
    },
    Math.min(LOOK_EVERY_MS, max_duration * 1000),
  );
  return () => clearInterval(timer);
}

const uptime = () => performance.now() / 1000;
