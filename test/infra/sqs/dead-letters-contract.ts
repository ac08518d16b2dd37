import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeadLetters } from '../../../domain/dead-letters/dead-letters.ts';

export interface DeadLettersUnderTest {
  readonly letters: DeadLetters;
  leave(body: string, attributes?: Readonly<Record<string, string>>): void;
  pass(milliseconds: number): void;
  stop(): Promise<void>;
}

/** What every queue of dead letters does; `create` gives an empty one. */
export function deadLettersContract(create: () => Promise<DeadLettersUnderTest>): void {
  let given: DeadLettersUnderTest;
  beforeEach(async () => {
    given = await create();
  });
  afterEach(() => given.stop());
  const bodies = async (limit = 100) => (await given.letters.take(limit)).map(({ body }) => body);

  it('gives each letter once, oldest first, with what was put beside it', async () => {
    given.leave('first', { ERROR_CODE: 'TARGET_ERROR' });
    given.pass(1_000);
    given.leave('second');
    const [first, second] = await given.letters.take(100);
    expect(first).toMatchObject({ body: 'first', attributes: { ERROR_CODE: 'TARGET_ERROR' } });
    expect(second).toMatchObject({ body: 'second', attributes: {} });
    expect((second?.sent_at ?? 0) - (first?.sent_at ?? 0)).toBe(1_000);
    expect(await bodies()).toEqual([]);
  });

  it('has what was put there', async () => {
    await given.letters.put('own');
    expect(await bodies()).toEqual(['own']);
  });

  it('gives no more than asked for, however many there are', async () => {
    for (let n = 0; n < 25; n++) given.leave(`letter ${n}`);
    expect(await bodies(12)).toHaveLength(12);
    expect(await bodies()).toHaveLength(13);
  });

  it('gives a letter that was given back again, under the same id', async () => {
    given.leave('kept');
    const held = await given.letters.take(1);
    await given.letters.giveBack(held);
    expect((await given.letters.take(1))[0]).toMatchObject({ id: held[0]?.id, body: 'kept' });
  });

  it('gives a letter again after a minute that nobody gave back: whoever had it may be gone', async () => {
    given.leave('left');
    await bodies();
    given.pass(59_000);
    expect(await bodies()).toEqual([]);
    given.pass(2_000);
    expect(await bodies()).toEqual(['left']);
  });

  it('never gives a removed letter again; removing it twice is harmless', async () => {
    given.leave('gone');
    const [letter] = await given.letters.take(1);
    if (letter === undefined) throw new Error('no letter');
    await given.letters.remove(letter);
    await given.letters.remove(letter);
    given.pass(120_000);
    expect(await bodies()).toEqual([]);
  });

  it('has nothing to give back where nothing was taken', async () => {
    await expect(given.letters.giveBack([])).resolves.toBeUndefined();
  });
}
