import type { StreamRef } from '../../domain/kernel/stream.ts';

/** How badly the table's stream treats its records. Chances are of each record. */
export interface DoorbellFaults {
  readonly duplicated: number;
  readonly lost: number;
  readonly order: 'kept' | 'shuffled';
}

export const wellBehaved: DoorbellFaults = { duplicated: 0, lost: 0, order: 'kept' };

export interface DoorbellQueue {
  ring(stream: StreamRef): void;
  /** The next batch; empty when all is quiet. */
  take(): readonly StreamRef[];
  /** A batch that failed comes again, a bounded number of times in a row, as Lambda has it. */
  again(stream: StreamRef): 'rings-again' | 'given-up';
  /** Nothing rings any more, or rings again. */
  dead: boolean;
}

const BATCH = 10;
const RETRIES = 2;

export function doorbellQueue(random: () => number, faults: DoorbellFaults): DoorbellQueue {
  const waiting: StreamRef[] = [];
  const tries = new Map<string, number>();
  return {
    dead: false,
    ring(stream) {
      tries.delete(`${stream.name}-${stream.id}`);
      if (this.dead || random() < faults.lost) return;
      waiting.push(stream);
      if (random() < faults.duplicated) waiting.push(stream, stream);
    },
    again(stream) {
      const key = `${stream.name}-${stream.id}`;
      const tried = tries.get(key) ?? 0;
      tries.set(key, tried + 1);
      if (tried >= RETRIES) return 'given-up';
      waiting.push(stream);
      return 'rings-again';
    },
    take() {
      if (faults.order === 'kept') return waiting.splice(0, BATCH);
      const size = 1 + Math.floor(random() * BATCH);
      return Array.from({ length: Math.min(size, waiting.length) }, () =>
        waiting.splice(Math.floor(random() * waiting.length), 1),
      ).flat();
    },
  };
}
