import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CatalogueShelf } from '../../../domain/catalogue/ports.ts';
import type { Content } from '../../../domain/planning/catalogue.ts';
import { DEFAULT_RATES } from '../../../domain/planning/price.ts';
import { type as instanceType, saving } from '../../domain/planning/given.ts';

export interface ShelfUnderTest {
  readonly shelf: CatalogueShelf;
  /** Replaces the newest object by something that is no catalogue. */
  damage(): Promise<void> | void;
  stop(): Promise<void>;
}

export const content: Content = {
  ...{ region: 'us-east-1', priceAsOf: '2026-11-28T12:00:00.000Z', spotAsOf: null, rates: DEFAULT_RATES },
  zones: [
    { name: 'us-east-1a', id: 'use1-az6' },
    { name: 'us-east-1b', id: 'use1-az1' },
  ],
  types: [instanceType('m5.large', { spot: saving(60) })],
};

/** Wherever the newest catalogue is kept; `create` gives an empty place. */
export function shelfContract(create: () => Promise<ShelfUnderTest>): void {
  let given: ShelfUnderTest;
  beforeEach(async () => {
    given = await create();
  });
  afterEach(() => given.stop());

  it('has none at first', async () => {
    expect(await given.shelf.read(null)).toEqual({ kind: 'none' });
    expect(await given.shelf.read('"an-etag"')).toEqual({ kind: 'none' });
  });

  it('gives back what was written, under its version', async () => {
    const version = await given.shelf.write(content);
    expect(await given.shelf.read(null)).toMatchObject({ kind: 'found', catalogue: { ...content, version } });
  });

  it('says so where there is nothing newer than the etag', async () => {
    await given.shelf.write(content);
    const first = await given.shelf.read(null);
    const etag = first.kind === 'found' ? first.etag : '';
    expect(await given.shelf.read(etag)).toEqual({ kind: 'same' });

    await given.shelf.write({ ...content, priceAsOf: '2026-11-29T12:00:00.000Z' });
    expect(await given.shelf.read(etag)).toMatchObject({
      catalogue: { priceAsOf: '2026-11-29T12:00:00.000Z' },
    });
  });

  it('throws where the newest is damaged, and is mended by the next write', async () => {
    await given.shelf.write(content);
    await given.damage();
    await expect(given.shelf.read(null)).rejects.toThrow('damaged');
    await given.shelf.write(content);
    expect(await given.shelf.read(null)).toMatchObject({ kind: 'found' });
  });
}
