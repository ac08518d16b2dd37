import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runId } from '../../domain/kernel/ids.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { ulids } from '../../infra/ulid.ts';

const zeros = (count: number) => new Uint8Array(count);

describe('ids', () => {
  it('are run ids, and each sorts after the one before', () => {
    const { ulid } = systemRuntime();
    const ids = Array.from({ length: 2_000 }, ulid);
    expect(ids.map(runId)).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('begin with the time, as the specification writes it', () => {
    // The example of the ULID specification: 01ARZ3NDEK is 1469922850259 ms.
    expect(ulids(() => 1_469_922_850_259, zeros)()).toBe('01arz3ndek0000000000000000');
  });

  it('go on upwards when the clock steps back, and when chance is at its highest', () => {
    const clock = [2_000, 1_000, 1_999, 2_001];
    const ulid = ulids(
      () => clock.shift() ?? 0,
      (count) => new Uint8Array(count).fill(255),
    );
    const ids = [ulid(), ulid(), ulid(), ulid()];
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(4);
  });
});

describe('secrets', () => {
  it('are 32 bytes that nobody saw before, with the hash by which they are known again', () => {
    const { secret } = systemRuntime();
    const [one, two] = [secret(), secret()];
    expect(one.value).not.toBe(two.value);
    expect(Buffer.from(one.value, 'base64url')).toHaveLength(32);
    expect(one.sha256).toBe(createHash('sha256').update(one.value).digest('hex'));
  });
});

describe('time', () => {
  it('a pause lasts at least as long as it says', async () => {
    const { now, pause } = systemRuntime();
    const before = now();
    await pause(20);
    // A timer may fire a millisecond early by the wall clock's rounding.
    expect(now() - before).toBeGreaterThanOrEqual(19);
  });

  it('a pause of seconds is as many times shorter as the clock is fast, one of a second is not', async () => {
    const { pause } = systemRuntime({ now: Date.now, rate: 1_000_000 });
    const first = await Promise.race([
      pause(1_000).then(() => 'a second'),
      pause(3_600_000).then(() => 'an hour'),
    ]);
    expect(first).toBe('an hour');
  });
});
