import { expect, it } from 'vitest';
import { assignTo } from '../../domain/coordination/place-job.ts';
import { END_AHEAD } from '../../domain/fleet/budget.ts';
import type { EventStore } from '../../domain/kernel/event-store.ts';
import { InstanceId, jobId } from '../../domain/kernel/ids.ts';
import { react } from '../../functions/react/reactor.ts';
import { bundle } from '../domain/given.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const provenance = { by: 'function:react', causation: null, correlation: 'a-test' };

it('an instance that is paid for again when its end comes stays with the job that pays for it', async () => {
  const sortie = inMemorySortie({ behaviour: { commands: 60 } });
  const fleet = await sortie.apply({ limits: { budget: 100 }, idle_duration: '2h' });
  const task = { fleets: ['small'], max_duration: '10m', stop_duration: '1m' };
  const first = await sortie.submit(task);
  await sortie.until('done', finished(sortie, first));
  const [paid] = (await sortie.fleet(fleet)).reservations;
  sortie.clock.moveTo((paid?.paid_until ?? 0) - END_AHEAD);
  sortie.bells.dead = true;
  const second = await sortie.submit(task);
  const load = sortie.on.store.load.bind(sortie.on.store);
  let looked: 'not yet' | 'once' = 'not yet';
  const store: EventStore = {
    ...sortie.on.store,
    load: async (stream, id) => {
      const read = await load(stream, id);
      // The fleet was read, and what follows from it is not done yet.
      if (stream.name === 'Fleet' && looked === 'not yet') {
        looked = 'once';
        const instance = InstanceId.parse(paid?.instance);
        const assignment = { fleet, job: jobId(second, 0), instance, submission: 0, bundle };
        expect(await assignTo(sortie.on, provenance, { ...assignment, blocks: [0], check: null })).toBe(
          'assigned',
        );
      }
      return read;
    },
  };
  const visit = { kind: 'visit', stream: { name: 'Fleet', id: fleet }, ring: 'due' } as const;
  await sortie.clock.settle(react({ ...sortie.on, store }, [visit]));
  expect((await sortie.instances())[0]?.phase.kind).toBe('busy');
  expect((await sortie.job(second)).phase.kind).toBe('assigned');
  await expectSound(sortie);
});
