import type { Bundle, Stop } from '../contract.ts';
import { type Bell, bell } from './bell.ts';
import type { JobDirectory } from './job-directory.ts';

export type StopOrder = Stop & { cause: 'stopped' | 'max_duration' };
export type StopOrders = { current(): StopOrder | null; give(order: StopOrder): void; bell: Bell };

/** What the job was told: the first order gives cause and reason, a later one may only make a graceful stop an abort. */
export function stopOrders(): StopOrders {
  const rings = bell();
  let current: StopOrder | null = null;
  return {
    current: () => current,
    bell: rings,
    give(order) {
      if (current !== null && (current.mode === 'abort' || order.mode === 'graceful')) return;
      current = current === null ? order : { ...current, mode: 'abort' };
      rings.ring();
    },
  };
}

const LOOK_EVERY_MS = 500;

/** The orders that come by disk, by signal and by the clock; those in answers are the reporter's. */
export function listenForStop(orders: StopOrders, job: JobDirectory, { max_duration }: Bundle): void {
  const due = max_duration === null ? Number.POSITIVE_INFINITY : uptime() + max_duration;
  const look = () => {
    const stop = job.readStop();
    if (stop !== null) orders.give({ ...stop, cause: 'stopped' });
    if (uptime() >= due) {
      orders.give({
        mode: 'graceful',
        reason: `ran for max_duration, ${max_duration} s`,
        cause: 'max_duration',
      });
    }
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

const uptime = () => performance.now() / 1000;
