import { gauges } from '../../domain/metrics/gauges.ts';
import { readSnapshot } from '../../domain/metrics/snapshot.ts';
import { toldOfGauges } from '../../domain/metrics/told.ts';
import { DEFAULT_FLEET } from '../api/fleet.ts';
import type { Reactive } from '../react/ports.ts';
import { type Accounts, tellCalls } from '../react/tell-calls.ts';

/**
 * Tells CloudWatch how it is now, once a minute, as long as anybody waits or any instance lives, and once more when nobody
 * does: a metric costs for the hours in which it is told, and where nothing runs nothing costs. Then the calls too go to
 * the tally alone, but for those that failed.
 */
export function metricsTeller(
  on: Pick<Reactive, 'store' | 'runtime'>,
  accounts: Accounts,
): () => Promise<void> {
  let before: 'lively' | 'quiet' = 'quiet';
  return async () => {
    const snapshot = await readSnapshot(
      on.store,
      { project: 'main', fleet: DEFAULT_FLEET },
      on.runtime.now(),
    );
    const now = snapshot.queue.length + snapshot.instances.length > 0 ? 'lively' : 'quiet';
    const tells = now === 'lively' || before === 'lively';
    before = now;
    if (tells) accounts.tell(toldOfGauges(gauges(snapshot)));
    const failed: Accounts = {
      ...accounts,
      tell: (all) => accounts.tell(all.filter(({ labels }) => labels['error'] !== 'none')),
    };
    await tellCalls(tells ? accounts : failed, on.runtime.ulid());
  };
}
