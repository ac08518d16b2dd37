import { expect, it } from 'vitest';
import type { RunId } from '../../domain/kernel/ids.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const catalogue = catalogueOf(
  type('m5.xlarge'),
  type('m6i.xlarge', { onDemandPrice: 1.1 }),
  type('m5.4xlarge', { vcpus: 16, onDemandPrice: 4 }),
);

it.each([1, 2, 3])(
  'throttles, a quota, a type that is never to be had and priorities at once: all jobs end (seed %i)',
  async (seed) => {
    const sortie = inMemorySortie({ seed, catalogue, instances: 8, behaviour: { commands: 30 } });
    const alive = () => sortie.machines().filter(({ state }) => state !== 'terminated');
    const asked = { quota: 0, throttled: 0 };
    let [last, most] = [Number.NEGATIVE_INFINITY, 0];
    sortie.world.faults.refuse = ({ offer }) => {
      const now = sortie.clock.now();
      if (offer.instance_type === 'm5.xlarge' && offer.zone === 'us-east-1a')
        return refused('capacity', 'InsufficientInstanceCapacity');
      if (alive().length >= 4) {
        asked.quota++;
        return refused('quota', 'InstanceLimitExceeded');
      }
      if (now - last < 2 * SECOND) {
        asked.throttled++;
        return { kind: 'throttled', code: 'RequestLimitExceeded' };
      }
      last = now;
      most = Math.max(most, alive().length + 1);
      return 'no';
    };
    const runs: RunId[] = [];
    for (let n = 0; n < 40; n++)
      runs.push(
        await sortie.submit({
          name: `job-${n}`,
          priority: Math.floor(sortie.clock.random() * 20),
          resources: { cpu: sortie.clock.random() < 0.2 ? '16' : '2..' },
        }),
      );
    await sortie.until('all done', finished(sortie, ...runs), 240 * 60 * SECOND);
    for (const run of runs) expect((await sortie.run(run)).phase).toMatchObject({ status: 'done' });
    expect(most).toBeLessThanOrEqual(4);
    // What was learnt is kept to: most of the launches that were asked for were not refused for quota.
    expect(asked.quota).toBeLessThanOrEqual(2 * 8);
    expect(asked.throttled).toBeLessThanOrEqual(40);
    const waits = sortie.told('Job').filter((one) => one === 'PlacementDeferred').length;
    expect(waits).toBeLessThanOrEqual(40 * 12);
    await expectSound(sortie);
  },
);

const refused = (kind: 'capacity' | 'quota', code: string) => ({
  kind: 'refused' as const,
  refusal: { class: kind, code, message: 'so it is' },
});
