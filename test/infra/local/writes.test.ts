import { expect, it } from 'vitest';
import { createWrites } from '../../../infra/local/dynamodb/writes.ts';

const LONG = 3_600_000;
const never = new AbortController().signal;

it('a write wakes who waits for it', async () => {
  const writes = createWrites();
  const waits = [writes.next(writes.count(), LONG, never), writes.next(writes.count(), LONG, never)];
  writes.happened();
  await Promise.all(waits);
  expect(writes.count()).toBe(1);
});

it('a write between the look and the wait is not missed', async () => {
  const writes = createWrites();
  const known = writes.count();
  writes.happened();
  await expect(writes.next(known, LONG, never)).resolves.toBeUndefined();
});

it('without a write the wait ends by itself, and when it is told to', async () => {
  const writes = createWrites();
  await expect(writes.next(writes.count(), 1, never)).resolves.toBeUndefined();
  const stop = new AbortController();
  const wait = writes.next(writes.count(), LONG, stop.signal);
  stop.abort();
  await expect(wait).resolves.toBeUndefined();
});
