import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { jobId, runId } from '../../../domain/kernel/ids.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import type { Pooled, Snapshot, Waiting } from '../../../domain/scheduling/snapshot.ts';
import { offer, requirements, T0 } from '../given.ts';
import { catalogueOf, type } from '../planning/given.ts';
import { fleet, id, instance, type Life, passOver, waiting } from './given-pass.ts';

const types = ['m5.xlarge', 'm6i.xlarge', 'c5.xlarge', 'x1e.xlarge'];
const catalogue = catalogueOf(...types.map((name, n) => type(name, { onDemandPrice: 1 + n / 5 })));

const jobs = fc.array(
  fc.record({ priority: fc.integer({ min: 0, max: 3 }), asks: fc.subarray(types, { minLength: 1 }) }),
  { maxLength: 30 },
);
const instances = fc.array(
  fc.record({
    type: fc.constantFrom(...types),
    life: fc.constantFrom<Life>('requested', 'idle', 'terminating'),
  }),
  { maxLength: 12 },
);
const refusals = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('OfferingUnavailable' as const),
      instance_type: fc.constantFrom(...types),
      zone: fc.constantFrom('us-east-1a', 'us-east-1b'),
    }),
    fc.record({
      type: fc.constant('QuotaExhausted' as const),
      family: fc.constantFrom('standard', 'x'),
      in_use: fc.record({
        instances: fc.integer({ min: 0, max: 12 }),
        vcpus: fc.integer({ max: 50, min: 0 }),
      }),
    }),
    fc.record({ type: fc.constant('LaunchesThrottled' as const) }),
  ),
  { maxLength: 6 },
);

const snapshots = fc
  .record({ jobs, instances, refusals, room: fc.nat(8), launches: fc.integer({ min: 1, max: 6 }) })
  .map((world): Snapshot => {
    const pool = world.instances.map(pooled);
    return {
      queue: world.jobs.map(asking),
      pool,
      fleet: fleet(
        ...pool.map(
          ({ id: name, state }, n): FleetEvent => ({
            type: 'LaunchReserved',
            instance: name,
            job: jobId(runId(id(900 + n)), 0),
            submission: 0,
            offer: state.offer,
          }),
        ),
        ...world.refusals.map((one): FleetEvent => {
          const rest = { spot: 'on-demand' as const, code: 'c', until: T0 + MINUTE };
          return one.type === 'QuotaExhausted' ? { ...one, ...rest, vcpus: 4 } : { ...one, ...rest };
        }),
      ),
      others: [],
      runs: new Map(),
      limit: pool.length + world.room,
      launches: world.launches,
      now: T0,
    };
  });

const asking = ({ priority, asks }: { priority: number; asks: string[] }, n: number): Waiting =>
  waiting(n, { priority, requirements: requirements({ instance_types: asks, resources: {} }) });

const pooled = ({ type: instance_type, life }: { type: string; life: Life }, n: number): Pooled =>
  instance(
    n,
    life,
    offer({ instance_type, price: 1, resources: { ...offer().resources, cpus: 4, memory_mib: 16_384 } }),
  );

const decide = passOver(catalogue);

test('every job is decided on once, every instance promised or let go once, and no limit is overshot', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const decisions = decide(snapshot);
      const told = decisions.flatMap((one) => ('job' in one ? [one.job] : []));
      expect(told.toSorted()).toEqual(snapshot.queue.map((job) => job.id).toSorted());
      const used = decisions.flatMap((one) => ('instance' in one ? [one.instance] : []));
      expect(new Set(used).size).toBe(used.length);
      const launched = decisions.filter(({ kind }) => kind === 'launch').length;
      const requested = snapshot.pool.filter(({ state }) => state.phase.kind === 'requested').length;
      expect(launched).toBeLessThanOrEqual(snapshot.limit - snapshot.pool.length);
      expect(launched === 0 || launched + requested <= snapshot.launches).toBe(true);
      if (snapshot.fleet?.throttle) expect(launched).toBe(0);
    }),
  );
});

test('an idle instance goes only where nobody who is left waiting could use it', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const decisions = decide(snapshot);
      const gone = decisions.flatMap((one) => (one.kind === 'let-go' ? [one.instance] : []));
      const left = new Set(decisions.flatMap((one) => (one.kind === 'wait' ? [one.job] : [])));
      for (const instance of gone) {
        const found = snapshot.pool.find((one) => one.id === instance)?.state.offer.instance_type ?? '';
        for (const { id: job, state } of snapshot.queue)
          if (left.has(job)) expect(state.requirements.instance_types).not.toContain(found);
      }
    }),
  );
});

test('why a job waits is said in the same words a moment later', () => {
  const words = (snapshot: Snapshot) =>
    decide(snapshot).flatMap((one) => (one.kind === 'wait' ? [`${one.job} ${one.wait.message}`] : []));
  fc.assert(
    fc.property(snapshots, fc.nat(MINUTE - 1), (snapshot, later) => {
      expect(words({ ...snapshot, now: T0 + later })).toEqual(words(snapshot));
    }),
  );
});

test('a job of higher priority has what it would have if those below it did not exist', () => {
  fc.assert(
    fc.property(snapshots, fc.integer({ min: 1, max: 3 }), (snapshot, from) => {
      const upper = snapshot.queue.filter(({ state }) => state.priority >= from);
      const theirs = new Set(upper.map((job) => job.id));
      const among = decide(snapshot).filter((one) => 'job' in one && theirs.has(one.job));
      const alone = decide({ ...snapshot, queue: upper }).filter((one) => 'job' in one);
      expect(among).toEqual(alone);
    }),
  );
});
