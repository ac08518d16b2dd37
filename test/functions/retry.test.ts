import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../domain/job/events.ts';
import { dueOf } from '../../domain/job/state.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { statusOf } from '../../domain/run/state.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

type Run = Parameters<Sortie['job']>[0];

const isJob = (sortie: Sortie, run: Run, kind: string) => async () =>
  (await sortie.job(run)).phase.kind === kind;

/** The cloud says that it takes the latest instance back, and does so two minutes later. */
async function takeBack(sortie: Sortie) {
  const ec2 = sortie.machines().at(-1)?.ec2 ?? '';
  await sortie.observe({
    'detail-type': 'EC2 Spot Instance Interruption Warning',
    detail: { 'instance-id': ec2 },
  });
  sortie.clock.at(sortie.clock.now() + 2 * MINUTE, () => sortie.world.end(ec2));
}

const none = {
  kind: 'refused',
  refusal: { class: 'capacity', code: 'InsufficientInstanceCapacity', message: 'none' },
} as const;

/** When each submission of a run's job was assigned, and when the wait before each further one was to end. */
function waits(sortie: Sortie, run: Run) {
  const commits = sortie.store.commits.filter(
    ({ stream: { name, id } }) => name === 'Job' && id.startsWith(run),
  );
  const events = commits.flatMap(({ at, events }) =>
    events.map((event) => ({ at, event: event as JobEvent })),
  );
  return {
    ends: events.flatMap(({ event }) => (event.type === 'RetryScheduled' ? [event.until] : [])),
    assigned: events.flatMap(({ at, event }) => (event.type === 'SubmissionAssigned' ? [at] : [])),
  };
}

describe('retry', () => {
  it('has one process send the start: who ends the wait leaves it to those whom that rings', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 1, status: 3 } });
    const run = await sortie.submit({ retry: { on_events: ['error'], duration: '1m' }, idle_duration: '1h' });
    await sortie.until('over', finished(sortie, run));
    const by = (type: string) =>
      sortie.store.commits
        .filter(({ events }) => events.some((one) => one.type === type))
        .map(({ by }) => by);
    expect(new Set(by('RetryScheduled'))).not.toContain('function:sync');
    expect(by('JobRequeued').length).toBeGreaterThan(0);
    expect(new Set(by('JobRequeued'))).toEqual(new Set(['function:sync']));
    expect(new Set(by('StartSent').slice(1))).toEqual(new Set(['function:react']));
  });

  it('brings an interrupted job to its end as a new submission, and keeps the one before', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600, obey: 30 } });
    const run = await sortie.submit({ retry: { on_events: ['interruption'] }, env: { TOKEN: 'hush' } });
    await sortie.until('it runs', isJob(sortie, run, 'running'));
    await takeBack(sortie);
    await sortie.until('it backs off', isJob(sortie, run, 'backing_off'), MINUTE);
    expect(statusOf(await sortie.run(run))).toBe('submitted');
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past).toMatchObject([
      { submission: 0, status: 'failed', reason: 'interrupted_by_no_capacity', exit_status: 143 },
      { submission: 1, status: 'done', exit_status: 0 },
    ]);
    await sortie.pass(10 * MINUTE);
    expect(sortie.bundles.keys()).toEqual([]);
    await expectSound(sortie);
  });

  it('of an instance that vanished is one of interruption', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 600 } });
    const run = await sortie.submit({ retry: { on_events: ['interruption'] } });
    await sortie.until('it runs', isJob(sortie, run, 'running'));
    sortie.world.end(sortie.machines()[0]?.ec2 ?? '');
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.job(run)).past.map(({ status }) => status)).toEqual(['failed', 'done']);
    await expectSound(sortie);
  });

  it('of what always fails goes on until its duration is over, on the machine that is there', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 1, status: 3 } });
    const run = await sortie.submit({
      retry: { on_events: ['error'], duration: '10m' },
      idle_duration: '1h',
    });
    await sortie.until('over', finished(sortie, run));
    const { past, phase } = await sortie.job(run);
    expect(phase).toMatchObject({ status: 'failed', message: expect.stringContaining('given up after') });
    expect(past.map(({ submission, exit_status }) => [submission, exit_status])).toEqual(
      past.map((_, n) => [n, 3]),
    );
    expect(past.length).toBeGreaterThan(4);
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('waits for capacity rather than failing', async () => {
    const sortie = inMemorySortie();
    sortie.world.faults.refuse = () => none;
    sortie.clock.at(sortie.clock.now() + 20 * MINUTE, () => {
      sortie.world.faults.refuse = () => 'no';
    });
    const impatient = await sortie.submit();
    const patient = await sortie.submit({ retry: true });
    await sortie.until('both are over', finished(sortie, impatient, patient));
    expect(statusOf(await sortie.run(impatient))).toBe('failed');
    expect(statusOf(await sortie.run(patient))).toBe('done');
    expect((await sortie.job(patient)).past).toMatchObject([{ submission: 0, status: 'done' }]);
    await expectSound(sortie);
  });

  it.each([0, 0.5])(
    'is of no pass before its time, whoever rings (index behind: %f)',
    async (indexBehind) => {
      const sortie = inMemorySortie({ indexBehind, behaviour: { commands: 5, status: 3 } });
      const run = await sortie.submit({ retry: { duration: '20m' }, idle_duration: '2h' });
      while (!(await finished(sortie, run)())) {
        await sortie.submit({ commands: ['another'], idle_duration: '2h' });
        await sortie.pass(7 * SECOND);
      }
      const { ends, assigned } = waits(sortie, run);
      expect(ends.length).toBeGreaterThan(5);
      expect(assigned).toHaveLength(ends.length + 1);
      for (const [n, until] of ends.entries()) {
        expect(assigned[n + 1]).toBeGreaterThanOrEqual(until);
        expect(assigned[n + 1]).toBeLessThan(until + 90 * SECOND);
      }
      await expectSound(sortie);
    },
  );

  it('is woken by its due time, whatever doorbells are lost', async () => {
    const sortie = inMemorySortie({ doorbells: { lost: 1 }, behaviour: { commands: 5, status: 3 } });
    const run = await sortie.submit({ retry: { duration: '1m' } });
    await sortie.until('it backs off', isJob(sortie, run, 'backing_off'));
    const job = await sortie.job(run);
    expect(dueOf(job)).toBe(job.phase.kind === 'backing_off' && job.phase.until);
    await sortie.until('over', finished(sortie, run));
  });

  it('of an interrupted job is not wanted any more once the user stops it', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, obey: 30 } });
    const run = await sortie.submit({ retry: true });
    await sortie.until('it runs', isJob(sortie, run, 'running'));
    await takeBack(sortie);
    await sortie.until('it stops', isJob(sortie, run, 'stopping'));
    expect(await sortie.stop(run, 'graceful')).toBe(202);
    await sortie.until('over', finished(sortie, run), 2 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({ reason: 'terminated_by_user' });
    await sortie.pass(10 * MINUTE);
    expect((await sortie.job(run)).past).toHaveLength(1);
    await expectSound(sortie);
  });

  it('ends with a stop', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 5, status: 3 } });
    const run = await sortie.submit({ retry: true });
    await sortie.until('it backs off', isJob(sortie, run, 'backing_off'));
    expect(await sortie.stop(run, 'graceful')).toBe(202);
    expect(statusOf(await sortie.run(run))).toBe('terminated');
    await sortie.pass(30 * MINUTE);
    expect((await sortie.job(run)).past).toHaveLength(1);
    await expectSound(sortie);
  });
});

describe('spot_policy auto', () => {
  const markets = (sortie: Sortie) => sortie.machines().map(({ intent }) => intent.offer.spot);
  const spot = { pricing: { by: 'saving' as const, percent: 60 }, interruptionBand: 0 };
  const catalogue = catalogueOf(type('m5.xlarge', { spot }), type('m6i.xlarge', { spot }));

  it('moves a job that is interrupted twice in a row to on-demand', async () => {
    const sortie = inMemorySortie({ catalogue, behaviour: { commands: 600 } });
    const run = await sortie.submit({ spot_policy: 'auto', retry: true });
    for (let n = 0; n < 2; n++) {
      await sortie.until('it runs', isJob(sortie, run, 'running'));
      await takeBack(sortie);
      await sortie.until('it backs off', isJob(sortie, run, 'backing_off'));
    }
    await sortie.until('done', finished(sortie, run));
    expect(markets(sortie)).toEqual(['spot', 'spot', 'on-demand']);
    expect(sortie.told('Job').filter((type) => type === 'SpotGivenUp')).toHaveLength(1);
    await expectSound(sortie);
  });

  it('takes on-demand where spot is refused everywhere', async () => {
    const many = catalogueOf(...Array.from({ length: 20 }, (_, n) => type(`m${n + 1}.xlarge`, { spot })));
    const sortie = inMemorySortie({ catalogue: many });
    sortie.world.faults.refuse = ({ offer }) => (offer.spot === 'spot' ? none : 'no');
    const run = await sortie.submit({ spot_policy: 'auto' });
    await sortie.until('done', finished(sortie, run));
    expect(statusOf(await sortie.run(run))).toBe('done');
    expect(markets(sortie)).toEqual(['on-demand']);
    expect(sortie.told('Job').filter((type) => type === 'OfferRefused')).toHaveLength(10);
    await expectSound(sortie);
  });
});
