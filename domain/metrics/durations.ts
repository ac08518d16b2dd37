import type { HistogramFamily } from './family.ts';
import { Duration } from './observation.ts';
import type { Amounts } from './tally.ts';

interface Measured {
  readonly name: string;
  readonly help: string;
  /** Its name in a tally. A write there costs by the kilobyte. */
  readonly key: string;
  /** Seconds up to which each bucket goes. A bound may be added: what was counted before stays in the bucket it is in. */
  readonly bounds: readonly number[];
}

const measured: Readonly<Record<Duration, Measured>> = {
  time_to_ready: {
    name: 'sortie_instances_time_to_ready_seconds',
    help: 'From when EC2 accepted a launch until the instance was ready for commands',
    key: 'ready',
    bounds: [1, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600],
  },
  time_from_queue_to_start: {
    name: 'sortie_jobs_time_from_queue_to_start_seconds',
    help: 'From when a submission began to wait until its commands ran',
    key: 'start',
    bounds: [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400],
  },
  time_from_shutdown_to_gone: {
    name: 'sortie_instances_time_from_shutdown_to_gone_seconds',
    help: 'From the decision to end an instance until EC2 said that it was gone',
    key: 'gone',
    bounds: [1, 5, 15, 30, 60, 120, 300, 600, 1_800],
  },
};

export const durationName = (duration: Duration): string => measured[duration].name;

/** A time goes into the one bucket where it belongs; only what is shown adds them up. */
export function durationAmounts(duration: Duration, seconds: number): Amounts {
  const { key, bounds } = measured[duration];
  const bound = bounds.find((upTo) => seconds <= upTo);
  return { [bucketKey(key, bound)]: 1, [sumKey(key)]: seconds };
}

export const durationFamilies = (amounts: Amounts): HistogramFamily[] =>
  Duration.options.map((duration) => {
    const { name, help, key, bounds } = measured[duration];
    let count = 0;
    const buckets = bounds.map((le) => ({ le, count: (count += amounts[bucketKey(key, le)] ?? 0) }));
    count += amounts[bucketKey(key, undefined)] ?? 0;
    return { type: 'histogram', name, help, buckets, sum: amounts[sumKey(key)] ?? 0, count };
  });

const bucketKey = (key: string, bound: number | undefined): string => `${key} ${bound ?? 'more'}`;
const sumKey = (key: string): string => `${key} sum`;
