import type { FleetName } from '../../domain/kernel/ids.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import type { Pooled, Waiting } from '../../domain/scheduling/snapshot.ts';

/** One thing to do: look at a stream, or serve a fleet's queue. `failed`: a decision of a pass that went wrong, alone. */
export type Step =
  | { readonly kind: 'visit'; readonly stream: StreamRef; readonly ring: 'moved' | 'due' }
  | { readonly kind: 'place'; readonly fleet: FleetName; readonly rung: Rung }
  | { readonly kind: 'failed'; readonly stream: StreamRef; readonly error: unknown };

/** What rang for a pass, and was read just now: the indexes of queue and pool may be behind. */
export interface Rung {
  readonly jobs: readonly Waiting[];
  readonly instances: readonly Pooled[];
}

export const nothingRung: Rung = { jobs: [], instances: [] };

/** Both, each once; of one that rang twice, what was read last. */
export const bothRung = (earlier: Rung, later: Rung): Rung => ({
  jobs: eachOnce([...earlier.jobs, ...later.jobs]),
  instances: eachOnce([...earlier.instances, ...later.instances]),
});

const eachOnce = <T extends { readonly id: string }>(all: readonly T[]): T[] => [
  ...new Map(all.map((one) => [one.id, one])).values(),
];

export const visitStep = (name: StreamRef['name'], id: string, ring: 'moved' | 'due' = 'moved'): Step => ({
  kind: 'visit',
  stream: { name, id },
  ring,
});
