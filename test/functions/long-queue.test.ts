import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

describe('a queue longer than a pass serves', () => {
  it('does not stay overdue, which would keep sync from whatever else is due', async () => {
    const sortie = inMemorySortie({ instances: 1, behaviour: { commands: null } });
    sortie.bells.dead = true;
    for (let n = 0; n < 150; n++) await sortie.submit();
    await sortie.pass(MINUTE + SECOND);
    const due = await sortie.store.due(sortie.clock.now(), 1_000);
    expect(due.filter(({ name }) => name === 'Job')).toEqual([]);
  });
});

describe('a job far back in the queue', () => {
  it('has an idle instance that none of those before it can use', async () => {
    const sortie = inMemorySortie({ instances: 1 });
    const first = await sortie.submit({ instance_types: ['m6i.xlarge'] });
    await sortie.until('done', finished(sortie, first));
    sortie.bells.dead = true;
    for (let n = 0; n < 60; n++)
      await sortie.submit({
        creation_policy: 'reuse-or-create',
        instance_types: ['m5.xlarge'],
        priority: 90,
      });
    sortie.bells.dead = false;
    const last = await sortie.submit({ instance_types: ['m6i.xlarge'] });
    const others = await sortie.submit({ instance_types: ['m5.xlarge'] });
    await sortie.drain();
    expect((await sortie.job(last)).phase).toMatchObject({ kind: 'assigned' });
    expect((await sortie.job(others)).phase).toMatchObject({ kind: 'waiting' });
  });

  it('does not overtake one before it that no pass has read yet', async () => {
    const sortie = inMemorySortie({ instances: 1 });
    const first = await sortie.submit({ instance_types: ['m6i.xlarge'] });
    await sortie.until('done', finished(sortie, first));
    sortie.bells.dead = true;
    for (let n = 0; n < 60; n++) await sortie.submit({ instance_types: ['m5.xlarge'], priority: 90 });
    const before = await sortie.submit({ instance_types: ['m6i.xlarge'], priority: 60 });
    sortie.bells.dead = false;
    const last = await sortie.submit({ instance_types: ['m6i.xlarge'] });
    await sortie.drain();
    expect((await sortie.job(before)).phase).toMatchObject({ kind: 'assigned' });
    expect((await sortie.job(last)).phase).toMatchObject({ kind: 'waiting' });
  });
});
