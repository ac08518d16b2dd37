import { expect, it } from 'vitest';
import { poolOf } from '../../domain/instance/stream.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { callCounts } from '../../domain/metrics/call-counts.ts';
import type { Reactive } from '../../functions/react/ports.ts';
import { sync } from '../../functions/sync/sync.ts';
import { metricsTeller } from '../../functions/sync/tell-metrics.ts';
import { FLEET } from '../domain/given.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

it('a sync reads the pool of each fleet once, whoever asks for it', async () => {
  const sortie = inMemorySortie();
  await sortie.until('done', finished(sortie, await sortie.submit({ idle_duration: '1h' })));
  // A minute in which idle instances hear from us.
  await sortie.pass(3 * MINUTE - (sortie.clock.now() % (3 * MINUTE)));
  const read: string[] = [];
  const { store } = sortie.on;
  const watched: Reactive = {
    ...sortie.on,
    store: {
      ...store,
      work: (stream, key, ...rest) => {
        read.push(key);
        return store.work(stream, key, ...rest);
      },
    },
  };
  const metrics = metricsTeller(watched, { calls: callCounts(), tally: sortie.tally, tell: () => {} });
  expect(await sync(watched, () => sortie.clock.now(), metrics.gauges)).toEqual([]);
  expect(read.filter((key) => key === poolOf(FLEET))).toHaveLength(1);
});
