import type { FleetName } from '../../domain/kernel/ids.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import type { Waiting } from '../../domain/scheduling/schedule.ts';

/** One thing to do: look at a stream, or serve a fleet's queue. */
export type Step =
  | { readonly kind: 'visit'; readonly stream: StreamRef; readonly ring: 'moved' | 'due' }
  /** `jobs` rang, and were read just now: the queue's index may not have them yet. */
  | { readonly kind: 'place'; readonly fleet: FleetName; readonly jobs: readonly Waiting[] };

export const visitStep = (name: StreamRef['name'], id: string): Step => ({
  kind: 'visit',
  stream: { name, id },
  ring: 'moved',
});
