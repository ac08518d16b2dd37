import { expect, it } from 'vitest';
import type { Tally } from '../../../domain/metrics/tally.ts';

const main = { kind: 'project', project: 'main' } as const;

/** What holds for every tally, in memory and on DynamoDB. */
export function tallyContract(open: () => Promise<Tally>): void {
  it('has nothing until something is added', async () => {
    expect(await (await open()).read(main)).toEqual({});
  });

  it('adds up what it is given, series by series', async () => {
    const tally = await open();
    await tally.add(main, { 'boots ready': 1, 'seconds sum': 23.4 }, 'one');
    await tally.add(main, { 'boots ready': 2, 'boots never': 1 }, 'two');
    expect(await tally.read(main)).toEqual({ 'boots ready': 3, 'boots never': 1, 'seconds sum': 23.4 });
  });

  it('adds the same once', async () => {
    const tally = await open();
    await tally.add(main, { 'boots ready': 1 }, 'one');
    await tally.add(main, { 'boots ready': 1 }, 'one');
    expect(await tally.read(main)).toEqual({ 'boots ready': 1 });
  });

  it('refuses another addition under the token of one that it has taken', async () => {
    const tally = await open();
    await tally.add(main, { 'boots ready': 1 }, 'one');
    await expect(tally.add(main, { 'boots ready': 2 }, 'one')).rejects.toThrow('IdempotentParameterMismatch');
    expect(await tally.read(main)).toEqual({ 'boots ready': 1 });
  });

  it('keeps its books apart', async () => {
    const tally = await open();
    await tally.add(main, { a: 1 }, 'one');
    await tally.add({ kind: 'project', project: 'other' }, { a: 2 }, 'two');
    await tally.add({ kind: 'cloud' }, { a: 3 }, 'three');
    expect(await tally.read(main)).toEqual({ a: 1 });
    expect(await tally.read({ kind: 'project', project: 'other' })).toEqual({ a: 2 });
    expect(await tally.read({ kind: 'cloud' })).toEqual({ a: 3 });
  });

  it('loses nothing when many add at once', async () => {
    const tally = await open();
    await Promise.all(Array.from({ length: 40 }, (_, n) => tally.add(main, { a: 1 }, `writer ${n}`)));
    expect(await tally.read(main)).toEqual({ a: 40 });
  });

  it('takes a hundred series in one addition', async () => {
    const tally = await open();
    const amounts = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`series ${n}`, n + 1]));
    await tally.add(main, amounts, 'one');
    expect(await tally.read(main)).toEqual(amounts);
  });
}
