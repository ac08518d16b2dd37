import { expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../patience.ts';
import { final } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

// The five minutes for which a process goes by the catalogue that it has read are a second then.
const on = embeddedForFile({ clockRate: 300 });

const own = { commands: ['true'], resources: { cpu: 2, memory: '1GB..' } };
const ofType = (name: string, spot_policy: 'spot' | 'on-demand') =>
  on.client.plan({ ...own, instance_types: [name], spot_policy });

test('the zones of a new deployment are those that this account’s names stand for', async () => {
  const { plan } = await ofType('m5.large', 'on-demand');
  expect(plan.catalogue.origin).toBe('refreshed');
  // use1-az3 is the oldest, and has no m5.
  const zones = on.sortie.aws.account.zones.filter(({ id }) => id !== 'use1-az3');
  expect(plan.offers.map(({ zone }) => zone).sort()).toEqual(zones.map(({ name }) => name).sort());
});

test('a job is launched where its type is sold: EC2 refuses no offer', async () => {
  const { id } = await on.client.submit({ ...own, instance_types: ['m5.large'] });
  expect((await on.client.until(id, 'over', final)).status).toBe('done');
  const events = await on.client.events(id);
  expect(events.filter(({ type }) => type === 'OfferRefused')).toEqual([]);
});

test('once spot prices have changed, the next refresh has plans use them', async () => {
  const before = (await ofType('c5.large', 'spot')).plan;
  on.sortie.aws.faults.change({ prices: { onDemand: {}, spot: { 'c5.large': 0.0777 } } });
  expect(await on.sortie.host.invoke('refresh', {})).toMatchObject({ kind: 'returned' });
  await vi.waitFor(
    async () => {
      const { offers, catalogue } = (await ofType('c5.large', 'spot')).plan;
      expect(new Set(offers.map(({ price_parts }) => price_parts?.instance))).toEqual(new Set([0.0777]));
      expect(catalogue.version).not.toBe(before.catalogue.version);
    },
    { timeout: PATIENCE_MS, interval: 200 },
  );
});

test('the rates of disks, addresses and credits are read with the prices, and plans have them', async () => {
  const before = (await ofType('c5.large', 'on-demand')).plan;
  expect(before.rates_as_of).toBe(before.price_as_of.slice(0, 10));
  expect(before.offers[0]?.price_parts).toMatchObject({ ipv4: 0.005 });
});

test('a refresh that fails leaves plans as they are, and is an error for the alarm', async () => {
  const before = (await ofType('c5.large', 'spot')).plan;
  on.sortie.aws.faults.change({ failingCalls: { DescribeSpotPriceHistory: 1 } });
  expect(await on.sortie.host.invoke('refresh', {})).toMatchObject({
    kind: 'failed',
    error: { errorMessage: expect.stringMatching(/^spot prices: /) },
  });
  on.sortie.aws.faults.change({ failingCalls: {} });
  expect((await ofType('c5.large', 'spot')).plan).toEqual(before);
});
