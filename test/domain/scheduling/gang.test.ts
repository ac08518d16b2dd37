import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { runOf } from '../../../domain/kernel/ids.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import type { Decision } from '../../../domain/scheduling/decision.ts';
import { isKept } from '../../../domain/scheduling/patience.ts';
import type { Snapshot } from '../../../domain/scheduling/snapshot.ts';
import { given, offer, requirements, T0 } from '../given.ts';
import { catalogueOf, type } from '../planning/given.ts';
import { gang } from './given-gang.ts';
import { instance, kinds, passOver } from './given-pass.ts';

const catalogue = catalogueOf(type('m5.xlarge'));
const asks = { requirements: requirements({ instance_types: ['m5.xlarge'], resources: {} }) };
const terms = (zone: string, price = 1) =>
  offer({
    ...{ instance_type: 'm5.xlarge', zone, price },
    resources: { ...offer().resources, cpus: 4, memory_mib: 16_384 },
  });

type Gangs = readonly ReturnType<typeof gang>[];

const pass = (gangs: Gangs, snapshot: Partial<Snapshot> = {}): Decision[] =>
  passOver(catalogue)({
    ...{ queue: gangs.flatMap(({ queue }) => queue), runs: new Map(gangs.map(({ run }) => [run.id, run])) },
    ...snapshot,
  });

const fullOf = (unavailable: string[]) =>
  given(
    Fleet,
    { type: 'FleetCreated', project: 'main', limits: { instances: 20 } },
    ...unavailable.map((zone) => ({
      ...{
        type: 'OfferingUnavailable' as const,
        instance_type: 'm5.xlarge',
        zone,
        spot: 'on-demand' as const,
      },
      ...{ code: 'InsufficientInstanceCapacity', until: T0 + MINUTE },
    })),
  );

/** A fleet of so many places, with these instances in some of them. */
const fleetWith = (instances: number, taken: readonly number[]) =>
  given(
    Fleet,
    { type: 'FleetCreated', project: 'main', limits: { instances } },
    ...taken.map((n) => ({
      ...{
        type: 'LaunchReserved' as const,
        instance: instance(n, 'idle', terms('us-east-1a')).id,
        submission: 0,
      },
      ...{ job: gang(9, 1, asks).queue[0]?.id ?? ('' as never), offer: terms('us-east-1a') },
    })),
  );

describe('the nodes of a run', () => {
  test('get idle instances and launches in the zone where they cost least together', () => {
    const pool = [
      instance(1, 'idle', terms('us-east-1b', 0.5)),
      instance(2, 'idle', terms('us-east-1b', 0.5)),
      instance(3, 'idle', terms('us-east-1a')),
    ];
    const decisions = pass([gang(1, 3, asks)], { pool });
    expect(kinds(decisions)).toEqual(['assign', 'assign', 'launch']);
    expect(decisions[2]).toMatchObject({ offer: { zone: 'us-east-1b' } });
  });

  test('all wait where there is room for some, and say how many', () => {
    const decisions = pass([gang(1, 4, asks)], { limit: 4, fleet: fleetWith(4, [9]) });
    expect(kinds(decisions)).toEqual(Array(4).fill('wait'));
    expect(decisions[0]).toMatchObject({
      wait: {
        kind: 'fleet_limit',
        message: expect.stringMatching(/^3 of 4 nodes would fit in us-east-1a; waits for all: /),
      },
    });
  });

  test('fail at once where the fleet will never have room for all', () => {
    expect(pass([gang(1, 4, asks)], { limit: 3 })).toMatchObject(
      Array(4).fill({
        kind: 'hopeless',
        message: 'its fleet is too small for all 4 nodes, even empty: its limits are 3 instances',
      }),
    );
  });

  test('wait without making room with the idle instances that they count on', () => {
    const pool = [instance(1, 'idle', terms('us-east-1a')), instance(2, 'idle', terms('us-east-1b'))];
    const decisions = pass([gang(1, 2, asks)], { pool, limit: 2, fleet: fleetWith(2, [1, 2]) });
    expect(decisions.filter(({ kind }) => kind === 'let-go')).toMatchObject([{ instance: pool[1]?.id }]);
  });

  test('of which some are placed get the rest in the same zone', () => {
    const half = gang(1, 3, asks, { placed: 1, zone: 'us-east-1b' });
    expect(pass([half])).toMatchObject(Array(2).fill({ kind: 'launch', offer: { zone: 'us-east-1b' } }));
  });

  test('of which some are placed are given back where there is no capacity beside them', () => {
    const half = gang(1, 3, asks, { placed: 1, zone: 'us-east-1b' });
    expect(kinds(pass([half], { fleet: fullOf(['us-east-1b']) }))).toEqual(['give-back']);
  });

  test('wait until all of them are to be seen', () => {
    const { run, queue } = gang(1, 3, asks);
    const pair = [{ run, queue: queue.slice(1) }];
    const decisions = pass(pair, { now: T0 + MINUTE });
    expect(decisions).toMatchObject(Array(2).fill({ kind: 'wait', wait: { kind: 'gang' } }));
    // One after the other they come to wait: what is over in a moment is not worth a word.
    expect(pass(pair, { now: T0 + MINUTE / 2 })).toEqual([]);
  });

  test('that are more than may be launched at once go when nothing else is under way', () => {
    expect(kinds(pass([gang(1, 4, asks)], { launches: 2 }))).toEqual(Array(4).fill('launch'));
  });

  test('that wait let those behind them by for ten minutes, and then keep what becomes free for a while', () => {
    expect([0, 5, 10, 19, 21, 29, 31, 49, 51].map((minutes) => isKept(minutes * MINUTE))).toEqual([
      ...[false, false, true, true, false, false, true, true, false],
    ]);
  });
});

test('nobody behind a run that has waited long is placed before it', () => {
  const both = [gang(1, 2, asks), gang(2, 1, { ...asks, nodes: 1, run_name: 'small' })];
  const held = fleetWith(2, [9]);
  const at = (minutes: number) => pass(both, { limit: 2, fleet: held, now: T0 + minutes * MINUTE }).at(-1);
  expect(at(5)).toMatchObject({ kind: 'launch' });
  expect(at(15)).toMatchObject({ kind: 'wait', wait: { kind: 'gang' } });
  expect(at(25)).toMatchObject({ kind: 'launch' });
});

const worlds = fc.record({
  gangs: fc.array(
    fc.record({ nodes: fc.integer({ min: 1, max: 6 }), priority: fc.nat(2), placed: fc.nat(2) }),
    {
      maxLength: 6,
    },
  ),
  idle: fc.array(fc.constantFrom('us-east-1a', 'us-east-1b'), { maxLength: 6 }),
  room: fc.nat(8),
  launches: fc.integer({ min: 1, max: 6 }),
  without: fc.subarray(['us-east-1a', 'us-east-1b']),
  later: fc.nat(60),
});

test('all nodes of a run are placed or none, in one zone, within the limit, whatever else waits', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const gangs = world.gangs.map(({ nodes, priority, placed }, n) =>
        gang(
          n + 1,
          nodes,
          { ...asks, priority },
          { placed: Math.min(placed, nodes - 1), zone: 'us-east-1b' },
        ),
      );
      const pool = world.idle.map((zone, n) => instance(n + 1, 'idle', terms(zone)));
      const { room, launches, without } = world;
      const now = T0 + world.later * MINUTE;
      const fleet = fullOf(without);
      const decisions = pass(gangs, { pool, fleet, limit: room, launches, now });
      expect(decisions.filter(({ kind }) => kind === 'launch').length).toBeLessThanOrEqual(room);
      const used = decisions.flatMap((one) => ('instance' in one ? [one.instance] : []));
      expect(new Set(used).size).toBe(used.length);
      for (const { run, queue } of gangs) {
        const own = decisions.filter((one) => 'job' in one && runOf(one.job) === run.id);
        const placed = own.filter(({ kind }) => kind === 'assign' || kind === 'launch');
        if (queue.length > 0) expect([0, queue.length]).toContain(placed.length);
        const zones = placed.map((one) =>
          one.kind === 'launch'
            ? one.offer.zone
            : pool.find(({ id }) => one.kind === 'assign' && id === one.instance)?.state.offer.zone,
        );
        const before = run.jobs.flatMap(({ offer: had }) => had?.zone ?? []);
        expect(new Set([...zones, ...before]).size).toBeLessThanOrEqual(1);
      }
    }),
  );
});
