import { describe, expect, it } from 'vitest';
import type { FleetName } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { catalogueOf, saving, type } from '../domain/planning/given.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const running = (sortie: Sortie): number =>
  sortie.machines().filter(({ state }) => state === 'running').length;
const up = (sortie: Sortie, count: number) =>
  sortie.until(`${count} up`, () => running(sortie) === count, 10 * MINUTE);
const reserved = async (sortie: Sortie, fleet: FleetName) => (await sortie.fleet(fleet)).reservations.length;

describe('a fleet that keeps nodes', () => {
  it('launches them without a run, and a run takes one of them', async () => {
    const sortie = inMemorySortie();
    const fleet = await sortie.apply({ nodes: '2..3', tags: { team: 'vision' } });
    await up(sortie, 2);
    expect(sortie.machines().map(({ intent }) => intent.tags)).toEqual([
      { team: 'vision' },
      { team: 'vision' },
    ]);
    const run = await sortie.submit({ fleets: ['small'] });
    await sortie.until('done', finished(sortie, run));
    expect(sortie.machines()).toHaveLength(2);
    expect(await reserved(sortie, fleet)).toBe(2);
    await expectSound(sortie);
  });

  it('launches them at once: it does not take a sync', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: 2 });
    await sortie.drain();
    expect(sortie.machines()).toHaveLength(2);
  });

  it('fails a run that no node fits, where it has no room for another', async () => {
    const sortie = inMemorySortie({ catalogue: catalogueOf(type('m5.xlarge', { spot: saving(60) })) });
    await sortie.apply({ nodes: 1 });
    await up(sortie, 1);
    const run = await sortie.submit({ fleets: ['small'], spot_policy: 'spot' });
    await sortie.drain();
    expect((await sortie.job(run)).phase).toMatchObject({
      reason: 'failed_to_start_due_to_no_capacity',
      message: 'the fleet has room for the nodes that it keeps alone: its one instance, which does not fit',
    });
    expect(sortie.machines()).toHaveLength(1);
  });

  it('never goes below min for idleness; what is more than that goes', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: { min: 1, target: 3, max: 4 }, idle_duration: '5m' });
    await up(sortie, 3);
    await sortie.pass(30 * MINUTE);
    expect(running(sortie)).toBe(1);
    expect(sortie.machines()).toHaveLength(3);
    await expectSound(sortie);
  });

  it('replaces one that vanishes, and one that EC2 refused', async () => {
    const sortie = inMemorySortie();
    sortie.world.faults.refuse = () => ({
      kind: 'refused',
      refusal: { class: 'fatal', code: 'UnauthorizedOperation', message: 'no' },
    });
    const fleet = await sortie.apply({ nodes: '1..2' });
    await sortie.pass(5 * MINUTE);
    // Once a minute, not at once again and again.
    expect(sortie.told('Instance').filter((type) => type === 'LaunchRefused').length).toBeLessThanOrEqual(6);
    sortie.world.faults.refuse = () => 'no';
    await up(sortie, 1);
    sortie.world.end(sortie.machines()[0]?.ec2 ?? '');
    await sortie.until('replaced', () => sortie.machines().length === 2, 10 * MINUTE);
    await up(sortie, 1);
    expect(await reserved(sortie, fleet)).toBe(1);
    await expectSound(sortie);
  });

  it('is not overshot by its own orders racing with runs', async () => {
    const sortie = inMemorySortie({ indexBehind: 0.5, behaviour: { commands: 20 } });
    const fleet = await sortie.apply({ nodes: '2..3' });
    const runs = await Promise.all(Array.from({ length: 12 }, () => sortie.submit({ fleets: ['small'] })));
    await sortie.until('done', finished(sortie, ...runs));
    expect(await reserved(sortie, fleet)).toBeLessThanOrEqual(3);
    expect(sortie.machines().length).toBeLessThanOrEqual(3);
    await expectSound(sortie);
  });

  it('ends them when it is deleted, and orders no others', async () => {
    const sortie = inMemorySortie();
    const fleet = await sortie.apply({ nodes: 2 });
    await up(sortie, 2);
    expect((await sortie.request('DELETE', '/v1/fleets/small')).status).toBe(202);
    await sortie.until('gone', async () => (await reserved(sortie, fleet)) === 0, 5 * MINUTE);
    await sortie.pass(10 * MINUTE);
    expect(running(sortie)).toBe(0);
    expect(sortie.machines()).toHaveLength(2);
    await expectSound(sortie);
  });

  it('that is given more of them launches the difference', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: '1..4' });
    await up(sortie, 1);
    await sortie.apply({ nodes: '3..4' });
    await up(sortie, 3);
    await expectSound(sortie);
  });

  it('that an operator has closed orders none, and makes up for it when it is open again', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ nodes: '1..4' });
    await up(sortie, 1);
    expect((await sortie.request('POST', '/v1/fleets/small/terminate-all', {})).status).toBe(202);
    await sortie.pass(10 * MINUTE);
    expect(running(sortie)).toBe(0);
    expect(sortie.machines()).toHaveLength(1);
    await sortie.request('POST', '/v1/fleets/small/resume', {});
    await up(sortie, 1);
    expect(sortie.machines()).toHaveLength(2);
    await expectSound(sortie);
  });
});
