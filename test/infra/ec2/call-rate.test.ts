import { expect, it } from 'vitest';
import { callRate } from '../../../infra/ec2/call-rate.ts';

/** A clock that shows how long each was told to wait. */
function given(bucket: { burst: number; perSecond: number }) {
  const clock = { now: 0, pauses: [] as number[] };
  const pause = async (milliseconds: number) => void clock.pauses.push(milliseconds);
  return { clock, rate: callRate(bucket, { now: () => clock.now, pause }) };
}

it('lets a burst through at once, then as many as are refilled, each in its turn', async () => {
  const { clock, rate } = given({ burst: 5, perSecond: 2 });
  for (let n = 0; n < 8; n++) await rate.take();
  expect(clock.pauses).toEqual([500, 1_000, 1_500]);
});

it('fills up again, but never beyond the burst', async () => {
  const { clock, rate } = given({ burst: 2, perSecond: 2 });
  await rate.take();
  await rate.take();
  clock.now = 60_000;
  for (let n = 0; n < 3; n++) await rate.take();
  expect(clock.pauses).toEqual([500]);
});
