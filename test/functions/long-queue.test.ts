import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie } from './in-memory-sortie.ts';

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
