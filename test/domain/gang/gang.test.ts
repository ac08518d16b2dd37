import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../../domain/container/sighting.ts';
import { conclude } from '../../../domain/gang/conclude.ts';
import { nextGangAction } from '../../../domain/gang/next-action.ts';
import { arrive, mayJoin, orderFor, prepare } from '../../../domain/gang/rendezvous.ts';
import { over } from '../../../domain/job/decide.ts';
import type { JobState } from '../../../domain/job/state.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import { summary } from '../../../domain/run/view.ts';
import { T0, types } from '../given.ts';
import { arrival, gangOfThree } from './given.ts';

type Gang = ReturnType<typeof gangOfThree>;

const gathered = (fields = {}): Gang => {
  const gang = gangOfThree(fields);
  for (const index of [0, 1, 2]) gang.assigned(index);
  return gang;
};
const met = (fields = {}): Gang => {
  const gang = gathered(fields);
  for (const index of [0, 1, 2]) gang.told(arrive(gang.run(), arrival(index)));
  return gang;
};
const going = (fields = {}): Gang => {
  const gang = met(fields);
  for (const index of [0, 1, 2]) gang.told(prepare(gang.run(), index, 0));
  return gang;
};
const ended = (
  gang: Gang,
  index: number,
  exit_status: number,
  at = T0,
  begun: 'begun' | 'unbegun' = 'begun',
) =>
  gang.moved(
    index,
    over(
      gang.jobs()[index] as JobState,
      {
        ...{ status: exit_status === 0 ? 'done' : 'failed', exit_status, signal: null, log_bytes: 0 },
        ...{
          reason: exit_status === 0 ? 'done_by_runner' : 'container_exited_with_error',
          message: null,
        },
      },
      at,
      begun,
    ),
    at,
  );
const next = (gang: Gang, at = T0) => nextGangAction(gang.run(), gang.jobs(), at);

describe('the rendezvous', () => {
  it('is told of each node once, and decides with the last', () => {
    const gang = gathered();
    expect(types(arrive(gang.run(), arrival(2)))).toEqual(['NodeArrived']);
    gang.told(arrive(gang.run(), arrival(2)));
    expect(arrive(gang.run(), arrival(2))).toEqual([]);
    gang.told(arrive(gang.run(), arrival(0)));
    expect(orderFor(gang.run(), 0, 0)).toEqual({ order: 'wait' });
    expect(types(arrive(gang.run(), arrival(1)))).toEqual(['NodeArrived', 'GangMet']);
  });

  it('does not count a submission of another round', () => {
    expect(arrive(gathered().run(), arrival(1, 1))).toEqual([]);
    const gang = gathered();
    gang.told(arrive(gang.run(), arrival(1)));
    ended(gang, 1, 1, T0, 'unbegun');
    expect(gang.run().gang?.arrivals).toEqual([]);
    expect(orderFor(met().run(), 1, 1)).toEqual({ order: 'wait' });
  });

  it('gives the addresses by rank, in whichever order they came', () => {
    const gang = gathered();
    for (const index of [2, 0, 1]) gang.told(arrive(gang.run(), arrival(index)));
    expect(orderFor(gang.run(), 1, 0)).toEqual({
      order: 'prepare',
      container: null,
      nodes: ['10.0.0.0', '10.0.0.1', '10.0.0.2'],
    });
  });

  it.each<[lifetime: 'no_launch' | 'per_run' | 'persistent', seen: string, outcome: string]>([
    ['persistent', 'all', 'attach'],
    ['persistent', 'some', 'refused'],
    ['persistent', 'none', 'launch'],
    ['persistent', 'unknown', 'refused'],
    ['no_launch', 'all', 'attach'],
    ['no_launch', 'some', 'refused'],
    ['no_launch', 'none', 'refused'],
    ['no_launch', 'unknown', 'refused'],
    ['per_run', 'some', 'launch'],
  ])('of containers that are %s, of which %s run, ends in %s', (lifetime, seen, outcome) => {
    const gang = gathered({ container: { lifetime, name: 'tools' } });
    const runs: Sighting = {
      ...{
        state: 'running',
        id: 'c',
        started_at: '',
        image_id: 'x',
        tagged_image_id: null,
        image: null,
        changed: [],
      },
    };
    const sightings = (index: number): Sighting => {
      if (seen === 'unknown' && index === 1) return { state: 'unknown', why: 'no answer' };
      return seen === 'none' || (seen === 'some' && index === 1) ? { state: 'absent' } : runs;
    };
    for (const index of [0, 1, 2])
      gang.told(arrive(gang.run(), { ...arrival(index), sighting: sightings(index) }));
    const order = orderFor(gang.run(), 0, 0);
    expect(order.order === 'prepare' ? order.container : 'refused').toBe(outcome);
    if (outcome === 'refused') expect(next(gang)).toEqual({ kind: 'withdraw', nodes: [0, 1, 2] });
  });

  it('lets nobody go before all are prepared', () => {
    const gang = met();
    gang.told(prepare(gang.run(), 0, 0));
    gang.told(prepare(gang.run(), 1, 0));
    expect(prepare(gang.run(), 1, 0)).toEqual([]);
    expect(orderFor(gang.run(), 0, 0)).toEqual({ order: 'wait' });
    gang.told(prepare(gang.run(), 2, 0));
    expect(orderFor(gang.run(), 0, 0)).toMatchObject({ order: 'go' });
  });

  it.each([
    ['master-first', 0],
    ['workers-first', 1],
  ] as const)('with startup_order %s lets node %d go first', (startup_order, first) => {
    const gang = going({ startup_order });
    const orders = () => [0, 1, 2].map((index) => orderFor(gang.run(), index, 0).order);
    expect(orders()).toEqual([0, 1, 2].map((index) => ((index === 0) === (first === 0) ? 'go' : 'wait')));
    for (const index of first === 0 ? [0] : [1, 2])
      gang.moved(index, [{ type: 'SubmissionStarted', submission: 0, at: T0 }]);
    expect(orders()).toEqual(['go', 'go', 'go']);
  });
});

describe('what comes next for a gang', () => {
  it('whose node loses its instance before all have met: that one is placed again', () => {
    const gang = gathered();
    ended(gang, 1, 1, T0, 'unbegun');
    expect(next(gang)).toEqual({ kind: 'place-again', nodes: [1] });
  });

  it('not all of which come within ten minutes is given back', () => {
    const gang = gathered();
    gang.told(arrive(gang.run(), arrival(0)));
    expect(next(gang, T0 + 10 * MINUTE - 1)).toEqual({ kind: 'rest' });
    expect(next(gang, T0 + 10 * MINUTE)).toMatchObject({
      kind: 'give-back',
      message: expect.stringMatching(/^node 1, node 2 of 3 had not come about/),
    });
  });

  it('of which one fails to prepare is parted when all have been heard, or after ten minutes', () => {
    const gang = met();
    ended(gang, 1, 3);
    gang.told(prepare(gang.run(), 0, 0));
    expect(next(gang)).toEqual({ kind: 'rest' });
    expect(next(gang, T0 + 10 * MINUTE)).toMatchObject({ kind: 'part' });
    gang.told(prepare(gang.run(), 2, 0));
    expect(next(gang)).toEqual({
      ...{ kind: 'part', because: 'node_over', message: 'node 1 (i-1) failed: exit status 3' },
    });
  });

  it('that is parted is stopped, and judged when all are over', () => {
    const gang = going();
    ended(gang, 2, 1);
    const action = next(gang);
    if (action.kind !== 'part') throw new Error(action.kind);
    gang.told([{ type: 'GangParted', because: action.because, message: action.message }]);
    expect(next(gang)).toEqual({ kind: 'stop', nodes: [0, 1] });
    ended(gang, 0, 0);
    ended(gang, 1, 0);
    expect(next(gang)).toEqual({ kind: 'conclude' });
  });

  it('in which one is done while others run is nothing, unless it is the master that decides', () => {
    const [all, master] = [going(), going({ stop_criteria: 'master-done' })];
    for (const gang of [all, master]) ended(gang, 0, 0);
    expect(next(all)).toEqual({ kind: 'rest' });
    expect(next(master)).toMatchObject({ kind: 'part', message: 'the master is done' });
  });
});

describe('when all nodes are over', () => {
  const over = (statuses: readonly number[], fields = {}): Gang => {
    const gang = going(fields);
    statuses.forEach((status, index) => ended(gang, index, status, T0 + index));
    return gang;
  };
  const concluded = (gang: Gang, at = T0 + 10) => conclude(gang.run(), gang.jobs(), at);

  it('the jobs end as their submissions did, and the run names each that failed', () => {
    const gang = over([0, 3, 4]);
    const decided = concluded(gang);
    expect(decided.map(types)).toEqual(Array(3).fill(['JobEnded']));
    decided.forEach((events, index) => gang.moved(index, events));
    expect(summary(gang.run()).message).toBe('node 1: exit status 3; node 2: exit status 4');
  });

  it('and one failed that is to be tried again, all are, at the same time, and a new round begins', () => {
    const gang = over([0, 3, 0], { retry: { on_events: ['error'], duration: 3_600 } });
    const decided = concluded(gang);
    expect(decided.map(types)).toEqual(Array(3).fill(['RetryScheduled']));
    expect(new Set(decided.flat().map((event) => event.type === 'RetryScheduled' && event.until)).size).toBe(
      1,
    );
    decided.forEach((events, index) => gang.moved(index, events));
    expect(gang.run().gang?.phase).toEqual({ kind: 'gathering', since: null });
    expect(gang.jobs().map(({ submission }) => submission)).toEqual([1, 1, 1]);
  });

  it('deciding twice yields nothing', () => {
    const gang = over([0, 3, 0]);
    concluded(gang).forEach((events, index) => gang.moved(index, events));
    expect(concluded(gang)).toEqual([[], [], []]);
  });
});

it('a job joins its gang only in the zone of those that have a place, and while they gather', () => {
  const gang = gangOfThree();
  expect(mayJoin(gang.run(), 0, 'us-east-1b')).toBe(true);
  gang.assigned(1);
  expect([mayJoin(gang.run(), 0, 'us-east-1a'), mayJoin(gang.run(), 0, 'us-east-1b')]).toEqual([true, false]);
  gang.told([{ type: 'GangGivenBack', message: 'late' }]);
  expect(mayJoin(gang.run(), 0, 'us-east-1a')).toBe(false);
});
