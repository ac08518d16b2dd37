import { describe, expect, it, test } from 'vitest';
import { summary } from '../../domain/run/view.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { ended, jobsOf, pastOf } from './gang-outcome.ts';
import { inMemorySortie } from './in-memory-sortie.ts';

describe('a run of three nodes', () => {
  it('waits whole while its fleet has room for two', async () => {
    const sortie = inMemorySortie({ instances: 3 });
    const other = await sortie.submit();
    await sortie.until('running', async () => (await sortie.job(other)).phase.kind === 'running');
    const run = await sortie.submitGang(3);
    await sortie.drain();
    expect(sortie.machines()).toHaveLength(1);
    expect(summary(await sortie.run(run)).message).toMatch(
      /^2 of 3 nodes would fit in us-east-1a; waits for all: /,
    );
    await ended(sortie, run);
  });

  it('that its fleet has never room for fails at once, as a whole', async () => {
    const sortie = inMemorySortie({ instances: 2 });
    const run = await sortie.submitGang(3);
    await sortie.drain();
    expect(sortie.machines()).toEqual([]);
    expect(summary(await sortie.run(run))).toMatchObject({
      status: 'failed',
      message: 'its fleet is too small for all 3 nodes, even empty: its limits are 2 instances',
    });
  });
});

describe('a gang that does not come about', () => {
  test('for want of capacity for the last is given back, and tried in another zone', async () => {
    const sortie = inMemorySortie({ catalogue: catalogueOf(type('m5.xlarge')) });
    let places = 2;
    sortie.world.faults.refuse = ({ offer }) => {
      const message = 'none there';
      const refusal = { class: 'capacity', code: 'InsufficientInstanceCapacity', message } as const;
      return offer.zone === 'us-east-1a' && places-- <= 0 ? { kind: 'refused', refusal } : 'no';
    };
    const run = await sortie.submitGang(3);
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    expect(sortie.told('Run')).toContain('GangGivenBack');
    for (const { past } of await jobsOf(sortie, run)) expect(past.at(-1)?.offer.zone).toBe('us-east-1b');
  });

  test('within ten minutes is given back: no submission has failed, and all are new', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 30 } });
    let away = true;
    sortie.nodes.set(2, () => ({ comes: away ? 'stays away' : 'comes' }));
    const run = await sortie.submitGang(3);
    await sortie.until('given back', () => sortie.told('Run').includes('GangGivenBack'));
    away = false;
    expect(await ended(sortie, run)).toMatchObject({ status: 'done' });
    expect(await pastOf(sortie, run)).toEqual(Array(3).fill(['terminated_by_server', 'done_by_runner']));
  });

  test('again and again fails as for want of capacity', async () => {
    const sortie = inMemorySortie();
    sortie.nodes.set(2, () => ({ comes: 'stays away' }));
    const run = await sortie.submitGang(3);
    const { status, message } = await ended(sortie, run);
    expect(status).toBe('failed');
    expect(message).toMatch(/^node 2 of 3 had not come about 10 minutes after .*, for the 7th time$/);
  });
});
