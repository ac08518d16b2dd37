import type { FleetName, JobId } from '../../domain/kernel/ids.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';

/** One thing to do: look at a stream, or serve a fleet's queue. */
export type Step =
  | { readonly kind: 'visit'; readonly stream: StreamRef; readonly ring: 'moved' | 'due' }
  | { readonly kind: 'place'; readonly fleet: FleetName; readonly jobs: readonly JobId[] };

export const visitStep = (name: StreamRef['name'], id: string): Step => ({
  kind: 'visit',
  stream: { name, id },
  ring: 'moved',
});
