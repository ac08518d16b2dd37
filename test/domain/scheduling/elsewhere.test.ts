import { describe, expect, test } from 'vitest';
import { Fleet } from '../../../domain/fleet/stream.ts';
import type { JobSpec } from '../../../domain/job/events.ts';
import { FleetName } from '../../../domain/kernel/ids.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import { plannerOver } from '../../../domain/scheduling/catalogue-planner.ts';
import type { Decision } from '../../../domain/scheduling/decision.ts';
import {
  bestElsewhere,
  type Outlook,
  outlooksIn,
  type Stranded,
  strandedBy,
} from '../../../domain/scheduling/elsewhere.ts';
import type { Snapshot } from '../../../domain/scheduling/snapshot.ts';
import { FLEET, given, offer, requirements, T0 } from '../given.ts';
import { catalogueOf, type } from '../planning/given.ts';
import { gang } from './given-gang.ts';
import { instance } from './given-pass.ts';

const [SMALL, LARGE] = [FleetName.parse('small'), FleetName.parse('large')];
const asks: Partial<JobSpec> = {
  requirements: requirements({ instance_types: ['m5.xlarge'], resources: {} }),
  fleets: [FLEET, SMALL, LARGE],
};
const full = { kind: 'fleet_limit' as const, message: 'the fleet is full' };

const runOf = (nodes: number, fields: Partial<JobSpec> = asks) => {
  const { run, queue } = gang(1, nodes, fields);
  return { run, queue, waiting: new Map(queue.map((job) => [job.id, { ...job, rang: true }])) };
};

const waits = ({ queue }: ReturnType<typeof runOf>, wait = full): Decision[] =>
  queue.map(({ id: job }) => ({ kind: 'wait', job, wait, until: null }));

describe('a run is stranded', () => {
  test('that waits, or waits in vain, and names other fleets', () => {
    const one = runOf(1);
    expect(strandedBy(waits(one), one.waiting)).toMatchObject([
      { run: one.run.id, others: [SMALL, LARGE], here: 'waits', message: 'the fleet is full' },
    ]);
    const [{ id: job } = { id: '' as never }] = one.queue;
    const message = 'no offer fits';
    const hopeless: Decision[] = [{ kind: 'hopeless', job, why: 'never_fits', message }];
    expect(strandedBy(hopeless, one.waiting)).toMatchObject([{ here: 'in_vain', message }]);
  });

  test('not where it names no other, or EC2 throttles everybody', () => {
    const bound = runOf(1, { ...asks, fleets: [] });
    expect(strandedBy(waits(bound), bound.waiting)).toEqual([]);
    const one = runOf(1);
    const throttled = { kind: 'throttled' as const, message: 'EC2 throttles launches' };
    expect(strandedBy(waits(one, throttled as never), one.waiting)).toEqual([]);
  });

  test('once a minute while the reason stays, not at each pass', () => {
    const one = runOf(1);
    const known = new Map(
      one.queue.map(({ id, state }) => [
        id,
        {
          ...{ id, rang: false },
          state: {
            ...state,
            phase: { kind: 'waiting' as const, since: T0, wait: full, look_at: T0 + MINUTE },
          },
        },
      ]),
    );
    expect(strandedBy(waits(one), known)).toEqual([]);
    expect(strandedBy(waits(one, { ...full, message: 'another reason' }), known)).toHaveLength(1);
  });
});

describe('another fleet has for a run', () => {
  const outlook = (nodes: number, snapshot: Partial<Snapshot>): Outlook | undefined => {
    const one = runOf(nodes);
    const there: Snapshot = {
      ...{ queue: [], runs: new Map([[one.run.id, one.run]]), pool: [], fleet: undefined, others: [] },
      ...{ limit: 20, launches: 20, now: T0, ...snapshot },
    };
    const planner = plannerOver(catalogueOf(type('m5.xlarge')), null, 1.5);
    return outlooksIn(SMALL, there, strandedBy(waits(one), one.waiting), planner).get(one.run.id);
  };
  const terms = offer({
    ...{ instance_type: 'm5.xlarge', price: 1 },
    resources: { ...offer().resources, cpus: 4, memory_mib: 16_384 },
  });

  test('what stands idle and what it would launch for all nodes together', () => {
    expect(outlook(3, { pool: [instance(1, 'idle', terms)] })).toEqual({
      kind: 'place',
      launches: 2,
      price: 2,
    });
  });

  test('a place in its queue where not all nodes have theirs', () => {
    const created = { type: 'FleetCreated' as const, project: 'main', limits: { instances: 3 } };
    const paused = { type: 'FleetPaused' as const, reason: null, by: 'user:alice' };
    expect(outlook(3, { fleet: given(Fleet, created) })).toMatchObject({ kind: 'place' });
    expect(outlook(3, { fleet: given(Fleet, created, paused) })).toEqual({ kind: 'wait' });
    expect(outlook(4, { fleet: given(Fleet, created), limit: 3 })).toEqual({ kind: 'nothing' });
  });
});

describe('of its other fleets a run goes', () => {
  const one: Stranded = {
    ...runOf(1),
    run: runOf(1).run.id,
    jobs: [],
    others: [SMALL, LARGE],
    here: 'waits',
    message: '',
  };
  const best = (small: Outlook, large: Outlook, here: Stranded['here'] = 'waits') =>
    bestElsewhere(
      { ...one, here },
      new Map([
        [SMALL, new Map([[one.run, small]])],
        [LARGE, new Map([[one.run, large]])],
      ]),
    );
  const launch = (price: number): Outlook => ({ kind: 'place', launches: 1, price });
  const there: Outlook = { kind: 'place', launches: 0, price: 0 };
  const [wait, nothing]: Outlook[] = [{ kind: 'wait' }, { kind: 'nothing' }];

  test('to what stands idle, then to the cheaper launch, then as it names them', () => {
    expect(best(launch(1), there)).toBe(LARGE);
    expect(best(launch(2), launch(1))).toBe(LARGE);
    expect(best(launch(1), launch(1))).toBe(SMALL);
  });

  test('to no other queue, unless there is no hope where it is', () => {
    expect(best(wait as Outlook, wait as Outlook)).toBeUndefined();
    expect(best(nothing as Outlook, wait as Outlook, 'in_vain')).toBe(LARGE);
    expect(best(nothing as Outlook, nothing as Outlook, 'in_vain')).toBeUndefined();
  });
});
