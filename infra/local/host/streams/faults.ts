import type { StreamRecord } from './streams-api.ts';

/**
 * Switches by which a test makes a stream misbehave; change them at any time. `duplicate` and `drop` are
 * probabilities from 0 to 1, `random` decides (seed it). A dropped record counts as handled, as a lost doorbell does.
 */
export type StreamFaults = {
  duplicate: number;
  drop: number;
  delayMs: number;
  order: 'kept' | 'shuffled';
  random: () => number;
};

export const noFaults = (): StreamFaults => ({
  duplicate: 0,
  drop: 0,
  delayMs: 0,
  order: 'kept',
  random: Math.random,
});

export type Delivery = { record: StreamRecord; times: 0 | 1 | 2 };

/** What becomes of the records of one read: in which order they are delivered, and how often. */
export function distort(records: readonly StreamRecord[], faults: StreamFaults): Delivery[] {
  const deliveries = records.map((record): Delivery => {
    if (faults.drop > 0 && faults.random() < faults.drop) return { record, times: 0 };
    return { record, times: faults.duplicate > 0 && faults.random() < faults.duplicate ? 2 : 1 };
  });
  if (faults.order === 'shuffled') {
    for (let at = deliveries.length - 1; at > 0; at--) {
      const other = Math.floor(faults.random() * (at + 1));
      const [a, b] = [deliveries[at], deliveries[other]];
      if (a && b) [deliveries[at], deliveries[other]] = [b, a];
    }
  }
  return deliveries;
}
