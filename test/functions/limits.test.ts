import { describe, expect, it } from 'vitest';
import { Fleet } from '../../domain/fleet/stream.ts';
import type { LaunchIntent, LaunchOutcome } from '../../domain/instance/cloud.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { change } from '../../domain/kernel/stream.ts';
import { T0 } from '../domain/given.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { type Given, inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

type Answer = Exclude<LaunchOutcome, { kind: 'launched' }> | 'no';
const throttled: Answer = { kind: 'throttled', code: 'RequestLimitExceeded' };
const refused = (refusedAs: 'quota' | 'network' | 'capacity', code: string): Answer => ({
  kind: 'refused',
  refusal: { class: refusedAs, code, message: 'so it is' },
});

function whereEc2Answers(
  answer: (intent: LaunchIntent, asked: number, sortie: ReturnType<typeof inMemorySortie>) => Answer,
  given: Given = {},
) {
  const sortie = inMemorySortie(given);
  const asked: { type: string; zone: string; token: string; at: number }[] = [];
  sortie.world.faults.refuse = (intent) => {
    const { instance_type, zone } = intent.offer;
    asked.push({ type: instance_type, zone, token: intent.instance, at: sortie.clock.now() - T0 });
    return answer(intent, asked.length, sortie);
  };
  return { sortie, asked };
}

const alive = (sortie: ReturnType<typeof inMemorySortie>) =>
  sortie.machines().filter(({ state }) => state !== 'terminated').length;

describe('after a throttle', () => {
  it('no launch goes out before its time, whichever job it is for, and who waits says until when', async () => {
    const { sortie, asked } = whereEc2Answers((_, count) => (count <= 2 ? throttled : 'no'));
    const first = await sortie.submit();
    await sortie.drain();
    const { throttle } = await sortie.fleet();
    const until = (throttle?.until ?? 0) - T0;
    expect(until).toBeGreaterThanOrEqual(SECOND);
    const second = await sortie.submit();
    await sortie.drain();
    expect((await sortie.job(second)).phase).toMatchObject({
      kind: 'waiting',
      wait: { kind: 'throttled', message: expect.stringContaining('throttled until') },
    });
    await sortie.until('both done', finished(sortie, first, second));
    expect(asked[1]?.at).toBeGreaterThanOrEqual(until);
    // The second throttle came after the wait: it is a repeat, and lasts longer.
    expect(asked[2]?.at).toBeGreaterThanOrEqual((asked[1]?.at ?? 0) + 2.5 * SECOND);
    expect(new Set(asked.slice(0, 3).map(({ token }) => token)).size).toBe(1);
    expect((await sortie.fleet()).throttle).toBeNull();
    expect(sortie.told('Fleet')).toContain('LaunchSucceeded');
    await expectSound(sortie);
  });

  it('launches that were throttled together wait together, and are not counted as repeats', async () => {
    let open = false;
    const { sortie, asked } = whereEc2Answers(() => (open ? 'no' : throttled));
    sortie.bells.dead = true;
    const runs = [];
    for (let n = 0; n < 5; n++) runs.push(await sortie.submit());
    sortie.bells.dead = false;
    await sortie.until('asked', () => asked.length >= 5);
    await sortie.drain();
    open = true;
    const told = sortie.told('Fleet').filter((one) => one === 'LaunchesThrottled');
    expect(told).toHaveLength(1);
    await sortie.until('done', finished(sortie, ...runs));
    await expectSound(sortie);
  });

  it('in one fleet, the others do not launch either', async () => {
    const { sortie, asked } = whereEc2Answers(() => 'no');
    const other = FleetName.parse('other');
    const now = sortie.clock.now();
    await sortie.store.append(
      [
        change(
          await sortie.store.load(Fleet, other),
          [
            { type: 'FleetCreated', project: 'main', limits: { instances: 3 } },
            { type: 'LaunchesThrottled', code: 'RequestLimitExceeded', until: now + 20 * SECOND },
          ],
          now,
        ),
      ],
      { by: 'test', causation: null, correlation: 'test' },
    );
    const run = await sortie.submit();
    await sortie.drain();
    expect(asked).toEqual([]);
    expect((await sortie.job(run)).phase).toMatchObject({ kind: 'waiting', wait: { kind: 'throttled' } });
    await sortie.until('done', finished(sortie, run));
    expect(asked[0]?.at).toBeGreaterThanOrEqual(20 * SECOND);
  });
});

describe('a quota of three instances', () => {
  const atMost =
    (most: number): Parameters<typeof whereEc2Answers>[0] =>
    (_, __, sortie) =>
      alive(sortie) >= most ? refused('quota', 'InstanceLimitExceeded') : 'no';

  it('is learnt once, and then kept to: nothing is asked for until instances have ended', async () => {
    const { sortie, asked } = whereEc2Answers(atMost(3), { behaviour: { commands: 120 } });
    const runs = [];
    for (let n = 0; n < 12; n++) runs.push(await sortie.submit());
    await sortie.pass(90 * SECOND);
    expect(alive(sortie)).toBe(3);
    const learnt = asked.length;
    expect((await sortie.fleet()).quotas).toMatchObject([{ in_use: { instances: 3 } }]);
    await sortie.until('done', finished(sortie, ...runs));
    // They took turns on the three: idle ones were used again, and none was asked for beside them.
    expect(asked).toHaveLength(learnt);
    await expectSound(sortie);
  });

  it('makes idle instances go that are of no use, for those that are', async () => {
    const { sortie } = whereEc2Answers(atMost(2), {
      catalogue: catalogueOf(type('m5.xlarge'), type('m5.4xlarge', { vcpus: 16, onDemandPrice: 4 })),
    });
    const small = [await sortie.submit(), await sortie.submit()];
    await sortie.until('done', finished(sortie, ...small));
    const large = await sortie.submit({ resources: { cpu: '16' } });
    await sortie.until('done', finished(sortie, large), 6 * MINUTE);
    expect(sortie.told('Instance')).toContain('TerminationRequested');
    expect(sortie.machines().filter(({ state }) => state !== 'terminated')).toHaveLength(2);
    await expectSound(sortie);
  });

  it('says why a job waits in the same words, however often it is looked at', async () => {
    const { sortie } = whereEc2Answers(() => refused('quota', 'VcpuLimitExceeded'));
    const run = await sortie.submit();
    await sortie.pass(10 * MINUTE);
    const told = sortie.told('Job', run).filter((one) => one === 'PlacementDeferred');
    const asked = sortie.told('Job', run).filter((one) => one === 'OfferRefused');
    // Each refusal is news, and the wait after it; the looks in between are not.
    expect(told.length).toBeLessThanOrEqual(asked.length);
    expect(asked.length).toBeGreaterThanOrEqual(8);
    expect(asked.length).toBeLessThanOrEqual(11);
  });
});

it('a zone without addresses is left for the next zone, with the same type', async () => {
  const { sortie, asked } = whereEc2Answers(({ offer }) =>
    offer.zone === 'us-east-1a' ? refused('network', 'InsufficientFreeAddressesInSubnet') : 'no',
  );
  const runs = [await sortie.submit(), await sortie.submit({ instance_types: ['m6i.xlarge'] })];
  await sortie.until('done', finished(sortie, ...runs));
  expect(asked.filter(({ zone }) => zone === 'us-east-1a').length).toBeLessThanOrEqual(2);
  expect(new Set(asked.filter(({ zone }) => zone === 'us-east-1b').map(({ type: one }) => one))).toEqual(
    new Set(['m5.xlarge', 'm6i.xlarge']),
  );
  expect(await sortie.fleet()).toMatchObject({ unavailable: [], zones: [{ zone: 'us-east-1a' }] });
  await expectSound(sortie);
});

describe('what EC2 does not know yet', () => {
  const profile = { code: 'InvalidParameterValue', message: 'Invalid IAM Instance Profile name' };

  it('is asked for again with the same token, and the job goes on', async () => {
    const { sortie, asked } = whereEc2Answers((_, count) =>
      count <= 2 ? { kind: 'inconsistent', refusal: profile } : 'no',
    );
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    expect(new Set(asked.map(({ token }) => token)).size).toBe(1);
    expect(asked[1]?.at).toBeGreaterThanOrEqual(15 * SECOND);
    await expectSound(sortie);
  });

  it('and still does not after two minutes is fatal, with the code', async () => {
    const { sortie, asked } = whereEc2Answers(() => ({ kind: 'inconsistent', refusal: profile }));
    const run = await sortie.submit();
    await sortie.until('over', finished(sortie, run), 5 * MINUTE);
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      message: 'InvalidParameterValue: Invalid IAM Instance Profile name',
    });
    expect(asked.at(-1)?.at).toBeGreaterThanOrEqual(2 * MINUTE);
    await expectSound(sortie);
  });

  it('an instance to be ended a moment after its launch is not taken for gone', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    await sortie.until('running', async () => (await sortie.job(run)).phase.kind === 'running');
    const [machine] = sortie.machines();
    const unknown = { ...sortie.on.cloud, terminate: async () => 'gone' as const };
    const known = sortie.on.cloud;
    Object.assign(sortie.on, { cloud: unknown });
    await sortie.stop(run, 'abort');
    await sortie.drain();
    expect((await sortie.instances())[0]?.phase.kind).toBe('terminating');
    Object.assign(sortie.on, { cloud: known });
    await sortie.pass(3 * MINUTE);
    expect(machine?.state).toBe('terminated');
    expect((await sortie.instances())[0]?.phase.kind).toBe('terminated');
  });

  it('nor is it when the answer that nobody knew it was minutes on its way', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    await sortie.until('running', async () => (await sortie.job(run)).phase.kind === 'running');
    const known = sortie.on.cloud;
    const slow = async () => {
      sortie.clock.moveTo(sortie.clock.now() + 3 * MINUTE);
      Object.assign(sortie.on, { cloud: known });
      return 'gone' as const;
    };
    Object.assign(sortie.on, { cloud: { ...known, terminate: slow } });
    await sortie.stop(run, 'abort');
    await sortie.drain();
    expect((await sortie.instances())[0]?.phase.kind).toBe('terminating');
  });
});
