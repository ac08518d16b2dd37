import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { runId } from '../../domain/kernel/ids.ts';
import { HOUR, MINUTE } from '../../domain/kernel/instant.ts';
import { Run } from '../../domain/run/stream.ts';
import { findRun } from '../../functions/api/find-run.ts';
import { ulids } from '../../infra/ulid.ts';
import { memoryApi } from '../cli/memory-api.ts';
import { T0 } from '../domain/given.ts';
import { golden } from '../golden/golden-events.ts';
import { append } from '../infra/dynamodb/given-streams.ts';

const caller = { project: 'main', user: 'ada' };

/** Runs that were submitted at these times, each a moment after its id was made. */
async function submittedAt(...times: readonly number[]) {
  const { api } = memoryApi();
  let now = 0;
  const ulid = ulids(() => now, randomBytes);
  const ids: string[] = [];
  for (const time of times) {
    now = time;
    const id = runId(ulid());
    await append(
      api.store,
      Run,
      id,
      [{ ...golden('RunSubmitted'), id, name: `run-${ids.length}`, project: 'main' }],
      time + 300,
    );
    ids.push(id);
  }
  const found = async (prefix: string) => (await findRun(api, caller, prefix)).id;
  return { ids, found };
}

test('a run is found by the beginning of its id, however short, among runs of any time', async () => {
  const times = [0, 1, 5, 400].map((days) => T0 + days * 24 * HOUR);
  const { ids, found } = await submittedAt(...times);
  for (const id of ids)
    for (const length of [8, 10, 14, 25, 26]) expect(await found(id.slice(0, length))).toBe(id);
});

test('a beginning that several runs share names five of them, the newest first', async () => {
  const { ids, found } = await submittedAt(...Array.from({ length: 7 }, (_, n) => T0 + n));
  await expect(found(ids[0]?.slice(0, 6) ?? '')).rejects.toMatchObject({
    problem: {
      status: 409,
      type: 'urn:sortie:problem:ambiguous-run',
      detail: expect.stringContaining(
        ids
          .slice(2)
          .toReversed()
          .map((id, n) => `${id} (run-${6 - n})`)
          .join(', '),
      ),
    },
  });
});

test('a beginning that no run has, or that is too short, is no run', async () => {
  const {
    ids: [id = ''],
    found,
  } = await submittedAt(T0, T0 + MINUTE);
  const other = id.slice(0, 11) + (id[11] === '0' ? '1' : '0');
  for (const none of [other, id.slice(0, 3), `${id}0`, '0zzzzzzzzz', `${id.slice(0, 8)}u`])
    await expect(found(none), none).rejects.toMatchObject({ problem: { status: 404 } });
});
