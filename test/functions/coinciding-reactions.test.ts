import { expect, it } from 'vitest';
import type { Commands } from '../../domain/job/commands.ts';
import { jobId } from '../../domain/kernel/ids.ts';
import { react } from '../../functions/react/reactor.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

it('a start that two processes send at once is one start: who records it second has nothing to add', async () => {
  const sortie = inMemorySortie();
  const run = await sortie.submit();
  const visit = { kind: 'visit', stream: { name: 'Job', id: jobId(run, 0) }, ring: 'moved' } as const;
  const commands = sortie.on.commands as { start: Commands['start'] };
  const start = commands.start.bind(commands);
  commands.start = async (...told) => {
    commands.start = start;
    const sent = await start(...told);
    // Between the answer of SSM and its record `sync` comes by, in a process of its own.
    await react({ ...sortie.on, by: 'function:sync' }, [visit]);
    return sent;
  };
  await sortie.until('done', finished(sortie, run));
  expect(sortie.told('Job').filter((type) => type === 'StartSent')).toEqual(['StartSent']);
  expect(sortie.starts.get(`${run}-0-0`)).toBe(1);
  await expectSound(sortie);
});
