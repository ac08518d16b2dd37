import { describe, expect, test } from 'vitest';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { type FleetMemory, memoryOf } from '../../../domain/fleet/memory.ts';
import type { JobSpec } from '../../../domain/job/events.ts';
import { instanceId } from '../../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../../domain/kernel/instant.ts';
import type { Decision } from '../../../domain/scheduling/decision.ts';
import type { Waiting } from '../../../domain/scheduling/snapshot.ts';
import { offer, requirements, T0 } from '../given.ts';
import { catalogueOf, saving, type } from '../planning/given.ts';
import { fleet, id, instance, passOver, reserved, waiting } from './given-pass.ts';

// $1, $1.2, $1.4 and $2 of the standard quota, and one of the g quota that has a GPU.
const catalogue = catalogueOf(
  type('m5.xlarge', { zones: ['us-east-1a'] }),
  type('m6i.xlarge', { zones: ['us-east-1a'], onDemandPrice: 1.2 }),
  type('m7i.2xlarge', { zones: ['us-east-1a'], onDemandPrice: 1.4, vcpus: 8 }),
  type('m8i.xlarge', { zones: ['us-east-1b'], onDemandPrice: 2 }),
  type('g5.xlarge', {
    zones: ['us-east-1a'],
    onDemandPrice: 1.6,
    gpu: { vendor: 'nvidia', name: 'A10G', count: 1, memoryMib: 24_576 },
  }),
);

const job = (n: number, fields: Partial<JobSpec> = {}, asks: Record<string, unknown> = {}): Waiting =>
  waiting(n, { requirements: requirements(asks), ...fields });
const xlarge = (terms = {}) => offer({ instance_type: 'm5.xlarge', price: 1, ...terms });
const quota = (in_use = { instances: 0, vcpus: 0 }, family = 'standard'): FleetEvent => ({
  type: 'QuotaExhausted',
  family,
  spot: 'on-demand',
  vcpus: 4,
  in_use,
  code: 'VcpuLimitExceeded',
  until: T0 + 30 * MINUTE,
});
const noCapacity = (instance_type: string, spot: 'spot' | 'on-demand' = 'on-demand'): FleetEvent => ({
  type: 'OfferingUnavailable',
  instance_type,
  zone: 'us-east-1a',
  spot,
  code: 'InsufficientInstanceCapacity',
  until: T0 + 3 * MINUTE,
});

const pass = passOver(catalogue);
const launches = (decisions: Decision[]) =>
  decisions.flatMap((one) => (one.kind === 'launch' ? [one.offer.instance_type] : []));
const waits = (decisions: Decision[]) =>
  decisions.flatMap((one) => (one.kind === 'wait' ? [`${one.wait.kind}: ${one.wait.message}`] : []));

describe('a throttle', () => {
  const throttle: FleetEvent = {
    type: 'LaunchesThrottled',
    code: 'RequestLimitExceeded',
    until: T0 + 2_500,
  };

  test('lets nothing be launched before its time, and the job says until when', () => {
    const decisions = pass({ queue: [job(1), job(2)], fleet: fleet(throttle) });
    expect(launches(decisions)).toEqual([]);
    expect(decisions).toMatchObject([{ until: T0 + 2_500 }, { until: T0 + 2_500 }]);
    expect(waits(decisions)[0]).toBe(
      'throttled: EC2 throttles launches (RequestLimitExceeded): throttled until 2026-11-20T12:00:02.500Z',
    );
    expect(launches(pass({ queue: [job(1)], fleet: fleet(throttle), now: T0 + 2_500 }))).toHaveLength(1);
  });

  test('is news only to those for whom there is a place: the others wait for longer than that', () => {
    const decisions = pass({ queue: [job(1), job(2)], fleet: fleet(...reserved(19, xlarge()), throttle) });
    expect(decisions).toMatchObject([{ wait: { kind: 'throttled' } }, { wait: { kind: 'fleet_limit' } }]);
  });

  test('of another fleet holds as well', () => {
    const others: FleetMemory[] = [memoryOf(fleet(throttle))];
    expect(launches(pass({ queue: [job(1)], others }))).toEqual([]);
  });

  test('does not keep a job from an idle instance', () => {
    const decisions = pass({
      queue: [job(1)],
      pool: [instance(7, 'idle', xlarge())],
      fleet: fleet(throttle),
    });
    expect(decisions).toMatchObject([{ kind: 'assign' }]);
  });
});

describe('launches under way', () => {
  test('are not more at once than the setting; only the first that waits for them looks again soon', () => {
    const pool = [instance(7, 'requested', xlarge())];
    const decisions = pass({ queue: [job(1), job(2), job(3)], pool, launches: 2 });
    expect(launches(decisions)).toHaveLength(1);
    expect(decisions.slice(1)).toMatchObject([
      { kind: 'wait', wait: { kind: 'throttled' }, until: T0 + 5 * SECOND },
      { kind: 'wait', wait: { kind: 'throttled' }, until: null },
    ]);
  });
});

describe('a quota that is used up', () => {
  const full = [...reserved(5, xlarge()), quota({ instances: 5, vcpus: 10 })];

  test('keeps its whole family back, names itself, its code and since when, and not what may change', () => {
    const decisions = pass({ queue: [job(1)], fleet: fleet(...full) });
    expect(waits(decisions)).toEqual([
      "quota: the account's quota of 'standard' on-demand instances is used up: VcpuLimitExceeded since 2026-11-20T12:00:06.000Z",
    ]);
    expect(decisions).toMatchObject([{ until: T0 + MINUTE }]);
    const later = pass({ queue: [job(1)], fleet: fleet(...full), now: T0 + MINUTE });
    expect(waits(later)).toEqual(waits(decisions));
  });

  test('does not concern another family', () => {
    const gpu = job(1, {}, { resources: { gpu: 'A10G' } });
    expect(launches(pass({ queue: [gpu], fleet: fleet(...full) }))).toEqual(['g5.xlarge']);
  });

  test('lets as many be launched as have ended, in one pass too', () => {
    const ended: FleetEvent = { type: 'ReservationReleased', instance: instanceId(id(800)) };
    const more = [
      ...reserved(5, xlarge({ resources: { ...offer().resources, cpus: 4 } })),
      quota({ instances: 5, vcpus: 20 }),
      ended,
    ];
    const decisions = pass({ queue: [job(1), job(2)], fleet: fleet(...more) });
    expect(launches(decisions)).toEqual(['m5.xlarge']);
    expect(decisions[1]).toMatchObject({ kind: 'wait', wait: { kind: 'quota' } });
  });

  test('that counts instances lets one be launched for each that has ended', () => {
    const ended: FleetEvent = { type: 'ReservationReleased', instance: instanceId(id(800)) };
    const limit = { ...quota({ instances: 5, vcpus: 10 }), code: 'InstanceLimitExceeded' } as FleetEvent;
    const decisions = pass({ queue: [job(1), job(2)], fleet: fleet(...reserved(5, xlarge()), limit, ended) });
    expect(launches(decisions)).toEqual(['m5.xlarge']);
    expect(decisions[1]).toMatchObject({ kind: 'wait', wait: { kind: 'quota' } });
  });

  test('lets idle instances of it go first that nobody who waits can use, not those of other quotas', () => {
    const big = job(1, {}, { resources: { cpu: '8..' } });
    const gpu = { instance_type: 'g5.xlarge' };
    const pool = [
      instance(6, 'idle', xlarge(gpu)),
      instance(7, 'idle', xlarge()),
      instance(8, 'idle', xlarge()),
    ];
    const decisions = pass({ queue: [big], pool, fleet: fleet(...full) });
    expect(decisions).toMatchObject([{ kind: 'wait' }, { kind: 'let-go', instance: instanceId(id(7)) }]);
  });

  test('lets no more go while one is going already', () => {
    const big = job(1, {}, { resources: { cpu: '8..' } });
    const pool = [instance(7, 'idle', xlarge()), instance(8, 'terminating', xlarge())];
    expect(pass({ queue: [big], pool, fleet: fleet(...full) })).toMatchObject([{ kind: 'wait' }]);
  });
});

describe('the price', () => {
  test('of what is launched for want of the cheapest is within the factor', () => {
    const without = (...types: string[]) =>
      pass({ queue: [job(1)], fleet: fleet(...types.map((one) => noCapacity(one))) });
    expect(launches(without('m5.xlarge'))).toEqual(['m6i.xlarge']);
    const none = without('m5.xlarge', 'm6i.xlarge', 'm7i.2xlarge');
    expect(none).toMatchObject([{ kind: 'wait', until: T0 + 3 * MINUTE }]);
    expect(waits(none)[0]).toBe(
      'capacity: no capacity (InsufficientInstanceCapacity) for what costs up to 1.5 times the cheapest that fits, $1.00/h',
    );
  });

  test('is compared within a market: on-demand follows where spot is refused', () => {
    const both = catalogueOf(type('m5.xlarge', { zones: ['us-east-1a'], spot: saving(70) }));
    const auto = job(1, {}, { spot_policy: 'auto' });
    const decisions = passOver(both)({ queue: [auto], fleet: fleet(noCapacity('m5.xlarge', 'spot')) });
    expect(decisions).toMatchObject([{ kind: 'launch', offer: { spot: 'on-demand', price: 1 } }]);
  });

  test('of an idle instance beyond the factor makes a launch better, where one can be made', () => {
    const dear = [instance(7, 'idle', xlarge({ price: 1.51 }))];
    const cheap = [instance(7, 'idle', xlarge({ price: 1.5 }))];
    expect(pass({ queue: [job(1)], pool: dear })).toMatchObject([{ kind: 'launch' }]);
    expect(pass({ queue: [job(1)], pool: cheap })).toMatchObject([{ kind: 'assign' }]);
    const full = fleet(...reserved(20, xlarge()));
    expect(pass({ queue: [job(1)], pool: dear, fleet: full })).toMatchObject([{ kind: 'assign' }]);
    const reuse = job(1, { creation_policy: 'reuse' });
    expect(pass({ queue: [reuse], pool: dear })).toMatchObject([{ kind: 'assign' }]);
  });
});

describe('a job of lower priority', () => {
  const high = job(1, { priority: 50 }, { resources: { gpu: 'A10G' } });
  const noGpu = [
    ...reserved(1, xlarge({ instance_type: 'g5.xlarge' })),
    quota({ instances: 1, vcpus: 2 }, 'g-and-vt'),
  ];

  test('goes ahead where it takes nothing from the one that waits', () => {
    const decisions = pass({ queue: [high, job(2)], fleet: fleet(...noGpu) });
    expect(decisions).toMatchObject([{ kind: 'wait', wait: { kind: 'quota' } }, { kind: 'launch' }]);
  });

  test('does not take the last place of the fleet', () => {
    const decisions = pass({ queue: [high, job(2)], fleet: fleet(...reserved(18, xlarge()), ...noGpu) });
    expect(waits(decisions)[1]).toBe(
      "fleet_limit: the fleet's last places, of 20, are kept for jobs of higher priority",
    );
    const same = job(2, { priority: 50 });
    expect(
      launches(pass({ queue: [high, same], fleet: fleet(...reserved(18, xlarge()), ...noGpu) })),
    ).toHaveLength(1);
  });

  test('does not take what is left of the quota that the higher one waits for', () => {
    const big = job(1, { priority: 50 }, { resources: { cpu: '8..' } });
    // 18 of 20 vCPUs are left in use: room for 4, not for 8.
    const left = [
      ...reserved(9, xlarge()),
      { ...quota({ instances: 10, vcpus: 20 }), vcpus: 4 } as FleetEvent,
    ];
    const decisions = pass({ queue: [big, job(2)], fleet: fleet(...left) });
    expect(decisions).toMatchObject([{ kind: 'wait' }, { kind: 'wait', wait: { kind: 'quota' } }]);
    expect(waits(decisions)[1]).toContain('is kept for a job of higher priority');
    expect(launches(pass({ queue: [job(2)], fleet: fleet(...left) }))).toEqual(['m5.xlarge']);
  });

  test('gets an idle instance that the higher one cannot use', () => {
    const decisions = pass({
      queue: [high, job(2)],
      pool: [instance(7, 'idle', xlarge())],
      fleet: fleet(...noGpu),
    });
    expect(decisions).toMatchObject([{ kind: 'wait' }, { kind: 'assign' }]);
  });
});

test('a zone without addresses is passed over, whatever the type', () => {
  const two = catalogueOf(type('m5.xlarge'), type('m6i.xlarge', { onDemandPrice: 1.1 }));
  const zone: FleetEvent = { type: 'ZoneUnavailable', zone: 'us-east-1a', code: 'c', until: T0 + MINUTE };
  expect(passOver(two)({ queue: [job(1)], fleet: fleet(zone) })).toMatchObject([
    { kind: 'launch', offer: { instance_type: 'm5.xlarge', zone: 'us-east-1b' } },
  ]);
});

test('refusals for quota are no attempts: a job waits for it as long as it takes', () => {
  const refused = job(1);
  const refusals = Array.from({ length: 25 }, () => ({
    offer: offer(),
    refusal: { class: 'quota' as const, code: 'VcpuLimitExceeded', message: 'none' },
    at: T0,
  }));
  const decisions = pass({ queue: [{ ...refused, state: { ...refused.state, refusals } }] });
  expect(decisions).toMatchObject([{ kind: 'launch' }]);
});
