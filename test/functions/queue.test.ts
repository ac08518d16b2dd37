import { describe, expect, it } from 'vitest';
import { Queue } from '../../domain/api/queue.ts';
import { RunDetail } from '../../domain/api/run.ts';
import type { RunId } from '../../domain/kernel/ids.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';

const queue = async (sortie: Sortie) => Queue.parse(await sortie.get('/v1/queue'));
const waitingOf = async (sortie: Sortie, run: RunId) =>
  RunDetail.parse(await sortie.get(`/v1/runs/${run}`)).jobs[0]?.waiting;

/** A fleet of one, whose instance is busy for good. */
async function fullFleet() {
  const sortie = inMemorySortie({ instances: 1, behaviour: { commands: null } });
  const first = await sortie.submit();
  await sortie.until('it runs', async () => (await sortie.job(first)).phase.kind === 'running');
  return { sortie, first };
}

describe('the queue', () => {
  it('is empty where nobody waits', async () => {
    const { sortie, first } = await fullFleet();
    expect(await queue(sortie)).toEqual({ waiting: [], promised: [], more: [] });
    expect(await waitingOf(sortie, first)).toBeNull();
  });

  it('has waiting jobs by priority, then age, each with its place, reason and request', async () => {
    const { sortie } = await fullFleet();
    const low = await sortie.submit({ name: 'low', priority: 1 });
    await sortie.pass(SECOND);
    const high = await sortie.submit({ name: 'high', priority: 9, resources: { memory: '16GB..' } });
    await sortie.pass(SECOND);
    const late = await sortie.submit({ name: 'late', priority: 1 });
    await sortie.pass(SECOND);
    const { waiting, promised } = await queue(sortie);
    expect(promised).toEqual([]);
    expect(waiting.map(({ place, of, run, priority }) => [place, of, run, priority])).toEqual([
      [1, 3, high, 9],
      [2, 3, low, 1],
      [3, 3, late, 1],
    ]);
    expect(waiting[0]).toMatchObject({
      run_name: 'high',
      fleet: 'default',
      counted: 'exactly',
      kind: 'fleet_limit',
      message: expect.stringContaining('not free'),
      asked: expect.stringMatching(/^cpu 2\.\., memory 16GB\.\./),
    });
    expect(await waitingOf(sortie, late)).toMatchObject({
      kind: 'fleet_limit',
      place: { place: 3, of: 3, counted: 'exactly' },
    });
  });

  it('has jobs whose instance is on its way apart, with how far it is', async () => {
    const sortie = inMemorySortie({ behaviour: { boot: 60 } });
    const run = await sortie.submit({ name: 'first' });
    await sortie.pass(10 * SECOND);
    const { waiting, promised } = await queue(sortie);
    expect(waiting).toEqual([]);
    const since = '2026-11-20T12:00:00.000Z';
    expect(promised).toMatchObject([
      {
        run_name: 'first',
        ec2_id: sortie.machines()[0]?.ec2,
        kind: 'booting',
        message: expect.stringMatching(/^i-\S+ \(m5.xlarge in us-east-1a\) is booting since 2026/),
        since,
      },
    ]);
    expect(await waitingOf(sortie, run)).toMatchObject({ kind: 'booting', since, place: null });
  });

  it('says that a launch is throttled', async () => {
    const sortie = inMemorySortie();
    sortie.world.faults.refuse = () => ({ kind: 'throttled', code: 'RequestLimitExceeded' });
    await sortie.submit();
    await sortie.pass(5 * SECOND);
    expect((await queue(sortie)).promised).toMatchObject([
      { kind: 'throttled', message: expect.stringMatching(/throttles launches; asked again at 2026/) },
    ]);
  });

  it('counts 500 at most, and says that there are more', async () => {
    const { sortie } = await fullFleet();
    sortie.bells.dead = true;
    for (let n = 0; n < 503; n++) await sortie.submit();
    await sortie.pass(SECOND);
    const last = await sortie.submit();
    await sortie.pass(2 * SECOND);
    const { waiting, more } = await queue(sortie);
    expect(waiting).toHaveLength(500);
    expect(more).toEqual(['default']);
    expect(waiting[0]).toMatchObject({ place: 1, of: 500, counted: 'at_least' });
    expect((await waitingOf(sortie, last))?.place).toEqual({ place: 501, of: 500, counted: 'at_least' });
  });
});
