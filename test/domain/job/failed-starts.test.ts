import { describe, expect, test } from 'vitest';
import { assign } from '../../../domain/job/decide.ts';
import { START_LIMIT } from '../../../domain/job/retry.ts';
import { bundle, INSTANCE, offer, types } from '../given.ts';
import { every, policy, type Story, story } from './story.ts';

describe('failed starts', () => {
  const failToStart = (it: Story, n: number) => {
    it.on(assign(it.job(), INSTANCE, offer(), bundle));
    return it.neverReady(n < 4 ? 'm5.large was not ready in time' : 'c5.large was not ready in time');
  };

  test.each([{ retry: null }, policy(every)])(
    'go elsewhere at once, and end the job after ten: %o',
    (fields) => {
      const it = story(fields);
      for (let n = 0; n < START_LIMIT - 1; n++)
        expect(types(failToStart(it, n))).toEqual(['SubmissionEnded', 'JobRequeued']);
      failToStart(it, START_LIMIT);
      expect(it.job().phase).toMatchObject({
        kind: 'ended',
        message:
          '10 starts failed in a row: m5.large was not ready in time (4 times), c5.large was not ready in time (6 times)',
      });
    },
  );

  test('before a start that came about are no longer counted', () => {
    const it = story(policy(every));
    for (let n = 0; n < START_LIMIT - 1; n++) failToStart(it, n);
    it.begin();
    it.exits(1);
    it.backOff();
    expect(types(failToStart(it, 0))).toEqual(['SubmissionEnded', 'JobRequeued']);
  });
});
