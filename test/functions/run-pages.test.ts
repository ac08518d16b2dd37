import { expect, it } from 'vitest';
import { RunList } from '../../domain/api/run.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';

async function page(sortie: Sortie, limit: number, cursor?: string) {
  const query = new URLSearchParams({ limit: String(limit), ...(cursor !== undefined && { cursor }) });
  const { runs, next } = RunList.parse(await sortie.get(`/v1/runs?${query.toString()}`));
  return { ids: runs.map(({ id }) => id), next };
}

it('runs that have not ended come page by page, and none is passed over though one ends meanwhile', async () => {
  const sortie = inMemorySortie({ behaviour: { commands: 3_600 } });
  const submitted: string[] = [];
  for (let n = 0; n < 5; n++) {
    submitted.push(await sortie.submit());
    await sortie.pass(SECOND);
  }
  const first = await page(sortie, 2);
  expect(first.ids).toEqual(submitted.slice(0, 2));
  await sortie.stop(submitted[1] as never, 'abort');
  const second = await page(sortie, 2, first.next);
  expect(second.ids).toEqual(submitted.slice(2, 4));
  expect(await page(sortie, 2, second.next)).toEqual({ ids: submitted.slice(4), next: undefined });
});

it('a cursor that no page ended with is refused', async () => {
  const sortie = inMemorySortie();
  for (const cursor of ['', 'nonsense', '2026-11-21T12:00:00.000Z#', '2026-11-21T12:00:00.000Z#../x'])
    expect(await sortie.get(`/v1/runs?cursor=${encodeURIComponent(cursor)}`)).toMatchObject({
      type: 'urn:sortie:problem:bad-cursor',
    });
});
