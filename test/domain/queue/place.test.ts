import { describe, expect, it } from 'vitest';
import { Job } from '../../../domain/job/stream.ts';
import { COUNTED, placeOf, placeText } from '../../../domain/queue/place.ts';
import { bundle, given, INSTANCE, offer, spec } from '../given.ts';

const job = (id: string, priority = 0) => ({
  id,
  state: given(Job, { type: 'JobQueued', spec: spec({ priority }) }),
});

describe('a place in the queue', () => {
  it('goes by priority, then age', () => {
    const [a, b, c] = [job('a'), job('b'), job('c', 5)];
    const queue = [c, a, b];
    expect(queue.map((one) => placeText(placeOf(one, queue)))).toEqual(['1 of 3', '2 of 3', '3 of 3']);
  });

  it('is known although the index does not show the job yet, or still shows one that has moved on', () => {
    const assigned = {
      id: 'a',
      state: given(
        Job,
        { type: 'JobQueued', spec: spec() },
        { type: 'SubmissionAssigned', submission: 0, instance: INSTANCE, offer: offer(), bundle },
      ),
    };
    expect(placeText(placeOf(job('c'), [assigned, job('b')]))).toBe('2 of 2');
  });

  it('is not counted beyond the first 500', () => {
    const crowd = Array.from({ length: COUNTED + 1 }, (_, n) => job(`j${String(n).padStart(4, '0')}`));
    expect(placeText(placeOf(job('j0007'), crowd))).toBe('8 of 500+');
    expect(placeText(placeOf(job('z'), crowd))).toBe('500+ of 500+');
  });
});
