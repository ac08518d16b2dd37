import { describe, expect, it } from 'vitest';
import { roomOf } from '../../domain/fleet/room.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { Job } from '../../domain/job/stream.ts';
import { type FleetName, jobId, type RunId, runId } from '../../domain/kernel/ids.ts';
import { HOUR, MINUTE } from '../../domain/kernel/instant.ts';
import { isFinal } from '../../domain/kernel/status.ts';
import { change, fold } from '../../domain/kernel/stream.ts';
import { statusOf } from '../../domain/run/state.ts';
import { Run } from '../../domain/run/stream.ts';
import { parseEvent } from '../../domain/streams.ts';
import { react } from '../../functions/react/reactor.ts';
import { requirements, spec, task } from '../domain/given.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

/** The most instances and dollars that the fleet has ever had reserved, spent or committed. */
function most(sortie: Sortie, name: FleetName) {
  let [state, instances, money]: [FleetState | undefined, number, number] = [undefined, 0, 0];
  for (const { stream, events, at } of sortie.store.commits) {
    if (stream.name !== 'Fleet' || stream.id !== name) continue;
    state = fold(
      Fleet,
      state,
      events.map((event) => parseEvent('Fleet', event) as never),
      at,
    );
    if (state === undefined) continue;
    const { used } = roomOf(state);
    [instances, money] = [Math.max(instances, used.instances), Math.max(money, used.money)];
  }
  return { instances, money };
}

/** 500 runs, recorded but not looked at yet. */
const submitted = (sortie: Sortie, fleet: FleetName, max_duration: string): Promise<RunId[]> =>
  Promise.all(
    Array.from({ length: 500 }, async () => {
      const run = runId(sortie.clock.ulid());
      const configuration = task({ max_duration });
      const told = {
        id: run,
        name: run,
        project: 'main',
        user: 'alice',
        fleet,
        configuration,
        fingerprint: run,
        seal: 'none',
        code: null,
      };
      const asked = spec({ run, run_name: run, fleet, requirements: requirements({ max_duration }) });
      await sortie.store.append(
        [
          change(await sortie.store.load(Run, run), [{ type: 'RunSubmitted', ...told }], sortie.clock.now()),
          change(
            await sortie.store.load(Job, jobId(run, 0)),
            [{ type: 'JobQueued', spec: asked }],
            sortie.clock.now(),
          ),
        ],
        { by: 'user:alice', causation: null, correlation: run },
      );
      return run;
    }),
  );

const race = (sortie: Sortie, runs: readonly RunId[]) =>
  sortie.clock.settle(
    Promise.all(
      runs.map((run) =>
        react(sortie.on, [{ kind: 'visit', stream: { name: 'Job', id: jobId(run, 0) }, ring: 'moved' }]),
      ),
    ),
  );

const limits = { instances: 10, budget: 100 };
const at$ = (price: number) => catalogueOf(type('m5.xlarge', { onDemandPrice: price }));

describe('500 racing submissions against 10 instances and a budget of $100', () => {
  it.each([
    // 80 minutes each, with boot and stop: ten of them cost $93.33.
    [7, '1h', { instances: 10, money: 93.33 }],
    // $16.67 each: a seventh would make it $116.67.
    [10, '80m', { instances: 6, money: 100 }],
    [10, '81m', { instances: 5, money: 84.17 }],
  ])('at $%i/h for %s: never an 11th, never $100.01', async (price, max_duration, reached) => {
    const sortie = inMemorySortie({ catalogue: at$(price) });
    const fleet = await sortie.apply({ limits });
    const runs = await submitted(sortie, fleet, max_duration);
    await race(sortie, runs);
    expect(most(sortie, fleet)).toEqual({ ...reached, money: expect.closeTo(reached.money, 2) });
    expect(most(sortie, fleet).money).toBeLessThanOrEqual(100 + 1e-9);
    expect(sortie.machines()).toHaveLength(reached.instances);
    await expectSound(sortie);
  });
});

describe('a budget', () => {
  it('is spent to its end by run after run, and what machines really took stays under it', async () => {
    const sortie = inMemorySortie({ catalogue: at$(20), behaviour: { commands: 20 * 60 } });
    const fleet = await sortie.apply({ limits });
    const cost = billed(sortie);
    const runs: RunId[] = [];
    for (let n = 0; n < 25; n++)
      runs.push(await sortie.submit({ fleets: ['small'], max_duration: '30m', idle_duration: '1h' }));
    await sortie.pass(4 * HOUR);

    const { money, instances } = most(sortie, fleet);
    expect(money).toBeLessThanOrEqual(100 + 1e-9);
    expect(instances).toBeLessThanOrEqual(10);
    const states = await Promise.all(runs.map((run) => sortie.run(run)));
    const done = states.filter((run) => statusOf(run) === 'done');
    expect(done.length).toBeGreaterThan(8);
    expect(states.filter((run) => isFinal(statusOf(run)))).toHaveLength(done.length);
    const waiting = runs.filter((_, n) => states[n] && !isFinal(statusOf(states[n])));
    expect((await sortie.job(waiting[0] as RunId)).phase).toMatchObject({
      kind: 'waiting',
      wait: {
        kind: 'fleet_limit',
        message: expect.stringContaining('budget of $100.00 does not cover this run'),
      },
    });
    // Nothing stands about idle at the budget's cost, and what is left pays for no further run.
    expect((await sortie.fleet(fleet)).reservations).toEqual([]);
    expect(cost()).toBeLessThanOrEqual(100);
    expect(cost()).toBeGreaterThan(80);
    await expectSound(sortie);

    // More of it, and they go on.
    await sortie.apply({ limits: { ...limits, budget: 1_000 } });
    await sortie.until('all done', finished(sortie, ...runs), 4 * HOUR);
    await expectSound(sortie);
  });

  it('ends an instance that what was committed for it no longer pays, whatever it does', async () => {
    const sortie = inMemorySortie({ catalogue: at$(20), behaviour: { commands: 10 * 60, reports: 'lost' } });
    const fleet = await sortie.apply({ limits });
    await sortie.submit({ fleets: ['small'], max_duration: '10m', stop_duration: '1m' });
    await sortie.until('it is up', () => sortie.machines()[0]?.state === 'running');
    sortie.world.faults.outage = new Set(['ssm']);
    await sortie.pass(30 * MINUTE);
    expect(sortie.machines()[0]?.state).toBe('terminated');
    expect((await sortie.fleet(fleet)).spent).toBeLessThan((20 * 26) / 60);
    await expectSound(sortie);
  });
});

/** What the machines have cost until now, by the world's own account. */
function billed(sortie: Sortie): () => number {
  const seen = new Map<string, { from: number; to: number | null }>();
  const look = () => {
    for (const { ec2, state } of sortie.machines()) {
      const known = seen.get(ec2) ?? { from: sortie.clock.now(), to: null };
      if (state === 'terminated') known.to ??= sortie.clock.now();
      seen.set(ec2, known);
    }
  };
  const { on } = sortie;
  const terminate = on.cloud.terminate.bind(on.cloud);
  const launch = on.cloud.launch.bind(on.cloud);
  Object.assign(on.cloud, {
    terminate: async (ec2: string) => terminate(ec2).finally(look),
    launch: async (...intent: Parameters<typeof launch>) => launch(...intent).finally(look),
  });
  return () => {
    look();
    const hours = [...seen.values()].reduce(
      (sum, { from, to }) => sum + ((to ?? sortie.clock.now()) - from) / HOUR,
      0,
    );
    return 20 * hours;
  };
}
