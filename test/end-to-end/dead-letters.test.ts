import { expect, test } from 'vitest';
import { DeadLetterList, Redriven } from '../../domain/api/dead-letter.ts';
import { final } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

const on = embeddedForFile();
const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
  const headers = { authorization: `Bearer ${on.sortie.token}`, 'content-type': 'application/json' };
  return (await fetch(on.sortie.url + path, { ...init, headers })).json();
};
const list = async () => DeadLetterList.parse(await ask('/v1/dead-letters')).letters;
const redrive = async () => {
  const body = JSON.stringify({ letters: 'all', action: 'redrive' });
  return Redriven.parse(await ask('/v1/dead-letters/redrive', { method: 'POST', body })).letters;
};

test('events that publish gave up on are listed; a redrive puts them on the bus and takes the letter away', async () => {
  const run = await on.client.submit({ commands: ['true'], resources: { cpu: 2, memory: '1GB..' } });
  await on.client.until(run.id, 'over', final);
  const letter = {
    unpublished: [`Run-${run.id}/1`],
    error: 'Error: the bus does not answer',
    from: '2026-11-20T12:00:00.000Z',
    to: '2026-11-20T12:00:01.000Z',
  };
  on.sortie.aws.queues.send('sortie-local-dead-letters', JSON.stringify(letter), {});

  expect(await list()).toHaveLength(1);
  expect(await redrive()).toMatchObject([{ outcome: 'redriven' }]);
  expect(await list()).toEqual([]);
});
