import { describe, expect, test } from 'vitest';
import type { CatalogueShelf } from '../../../domain/catalogue/ports.ts';
import { MINUTE, SECOND } from '../../../domain/kernel/instant.ts';
import type { Content } from '../../../domain/planning/catalogue.ts';
import { catalogueSource } from '../../../infra/catalogue/source.ts';
import { memoryShelf } from '../../fakes/memory-catalogue.ts';
import { content } from './shelf-contract.ts';

function given(region = 'us-east-1') {
  const clock = { now: 0 };
  const shelf = memoryShelf();
  const reads: (string | null)[] = [];
  const warnings: string[] = [];
  let outage = false;
  const watched: Pick<CatalogueShelf, 'read'> = {
    read: async (etag) => {
      reads.push(etag);
      if (outage) throw new Error('S3 is out of reach');
      return shelf.read(etag);
    },
  };
  const source = catalogueSource({ region }, watched, { now: () => clock.now }, ({ message }) =>
    warnings.push(message),
  );
  return {
    ...{ shelf, reads, warnings },
    current: source.current,
    after: (milliseconds: number) => {
      clock.now += milliseconds;
    },
    outage: (is: 'on' | 'off') => {
      outage = is === 'on';
    },
  };
}

const dearer: Content = {
  ...content,
  types: content.types.map((type) => ({ ...type, onDemandPrice: 2 })),
};

describe('the catalogue that plans are made from', () => {
  test('is the shipped one until there is another, which is looked for every few seconds', async () => {
    const { shelf, current, after, reads } = given();
    expect(await current()).toMatchObject({ origin: 'shipped', priceAsOf: '2026-07-20' });
    const version = await shelf.write(content);
    after(10 * SECOND);
    expect(await current()).toMatchObject({ origin: 'shipped' });
    after(10 * SECOND);
    expect(await current()).toMatchObject({ origin: 'refreshed', version, priceAsOf: content.priceAsOf });
    expect(reads).toEqual([null, null]);
  });

  test('is asked for again after five minutes, and prepared again only where it has changed', async () => {
    const { shelf, current, after, reads } = given();
    await shelf.write(content);
    const first = await current();
    await shelf.write(dearer);
    after(4 * MINUTE);
    expect(await current()).toBe(first);
    after(MINUTE);
    const second = await current();
    expect(second.ranked.map(({ price }) => price)).toContain(2);
    after(5 * MINUTE);
    expect(await current()).toBe(second);
    expect(reads).toEqual([null, '"1"', '"2"']);
  });

  test('is read once for all who plan at the same time', async () => {
    const { shelf, current, reads } = given();
    await shelf.write(content);
    const [one, other] = await Promise.all([current(), current(), current()]);
    expect(one).toBe(other);
    expect(reads).toEqual([null]);
  });

  test('stays through an outage and through damage, of which it warns', async () => {
    const { shelf, current, after, warnings, outage } = given();
    await shelf.write(content);
    const first = await current();
    outage('on');
    after(5 * MINUTE);
    expect(await current()).toBe(first);
    outage('off');
    shelf.damage();
    after(15 * SECOND);
    expect(await current()).toBe(first);
    expect(warnings).toEqual(['S3 is out of reach', 'the catalogue is damaged']);
    await shelf.write(dearer);
    after(15 * SECOND);
    expect((await current()).ranked.map(({ price }) => price)).toContain(2);
  });

  test('is an error that says what to do where none is shipped or made', async () => {
    const { current } = given('eu-west-1');
    await expect(current()).rejects.toMatchObject({
      name: 'NoCatalogue',
      message: expect.stringContaining('npm run catalogue -- --region eu-west-1 --bucket'),
    });
  });
});
