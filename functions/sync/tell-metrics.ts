import type { Pool } from '../../domain/coordination/live-instances.ts';
import { gauges } from '../../domain/metrics/gauges.ts';
import { readSnapshot } from '../../domain/metrics/snapshot.ts';
import { toldOfGauges } from '../../domain/metrics/told.ts';
import { DEFAULT_FLEET } from '../api/fleet.ts';
import type { Reactive } from '../react/ports.ts';
import { type Accounts, tellCalls } from '../react/tell-calls.ts';
import { poolsOnce } from './pools.ts';

/**
 * Tells CloudWatch how it is now, once a minute, as long as anybody waits or any instance lives, and once more when nobody
 * does: a metric costs for the hours in which it is told, and where nothing runs nothing costs. Then the calls too, which
 * are told at the end, go to the tally alone, but for those that failed.
 */
export function metricsTeller(on: Reactive, accounts: Accounts) {
  let before: 'lively' | 'quiet' = 'quiet';
  let tells = false;
  const failed: Accounts = {
    ...accounts,
    tell: (all) => accounts.tell(all.filter(({ labels }) => labels['error'] !== 'none')),
  };
  return {
    async gauges(pools: Pool = poolsOnce(on)): Promise<void> {
      const snapshot = await readSnapshot(
        { store: on.store, pool: async (fleet) => (await pools(fleet)).map(({ state }) => state) },
        { project: 'main', fleet: DEFAULT_FLEET },
        on.runtime.now(),
      );
      const now = snapshot.queue.length + snapshot.instances.length > 0 ? 'lively' : 'quiet';
      tells = now === 'lively' || before === 'lively';
      before = now;
      if (tells) accounts.tell(toldOfGauges(gauges(snapshot)));
    },
    calls: (): Promise<void> => tellCalls(tells ? accounts : failed, on.runtime.ulid()),
  };
}
