import type { JobState } from '../job/state.ts';

/** As many of a queue as are counted: further back than that, nobody needs to know how far. */
export const COUNTED = 500;

export interface InQueue {
  readonly id: string;
  readonly state: JobState;
}

/** `at_least`: the queue goes on behind what was counted. */
export interface Place {
  readonly place: number;
  readonly of: number;
  readonly counted: 'exactly' | 'at_least';
}

/** Where a waiting job stands among `queue`: the first `COUNTED + 1` of its fleet, from an index that may lag behind it. */
export function placeOf(job: InQueue, queue: readonly InQueue[]): Place {
  const others = queue.filter(({ id, state }) => id !== job.id && state.phase.kind === 'waiting');
  const before = others.filter((other) => inQueueOrder(other, job) < 0).length;
  const whole = others.length + 1;
  return {
    place: Math.min(before, COUNTED) + 1,
    of: Math.min(whole, COUNTED),
    counted: whole > COUNTED ? 'at_least' : 'exactly',
  };
}

/** `3 of 7`, `12 of 500+`. */
export const placeText = ({ place, of, counted }: Place): string =>
  counted === 'exactly' ? `${place} of ${of}` : `${place > of ? `${of}+` : place} of ${of}+`;

/** By priority, then age: the order in which a pass serves them. */
export const inQueueOrder = (a: InQueue, b: InQueue): number =>
  b.state.priority - a.state.priority ||
  a.state.queued_at - b.state.queued_at ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
