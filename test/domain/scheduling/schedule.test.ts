import { describe, expect, test } from 'vitest';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import type { JobEvent } from '../../../domain/job/events.ts';
import { instanceId } from '../../../domain/kernel/ids.ts';
import type { Pooled } from '../../../domain/scheduling/snapshot.ts';
import { loadCatalogue } from '../../../infra/catalogue/load.ts';
import { offer, requirements, T0 } from '../given.ts';
import { fleet, id, instance, kinds, passOver, reserved, waiting } from './given-pass.ts';

const pass = passOver(loadCatalogue('us-east-1'));

describe('a waiting job', () => {
  test('gets an idle instance that fits before a launch', () => {
    const [decision] = pass({ queue: [waiting(1)], pool: [instance(7, 'idle')] });
    expect(decision).toEqual({
      kind: 'assign',
      job: waiting(1).id,
      instance: instanceId(id(7)),
      blocks: [0],
    });
  });

  test('gets the cheapest of the idle ones', () => {
    const pool = [instance(7, 'idle', offer({ price: 0.11 })), instance(8, 'idle', offer({ price: 0.1 }))];
    expect(pass({ queue: [waiting(1)], pool })).toMatchObject([
      { kind: 'assign', instance: instanceId(id(8)) },
    ]);
  });

  test('is not put on an idle instance that is too small', () => {
    const big = waiting(1, { requirements: requirements({ resources: { cpu: '16' } }) });
    const [decision] = pass({ queue: [big], pool: [instance(7, 'idle')] });
    expect(decision).toMatchObject({ kind: 'launch', offer: { resources: { cpus: 16 } } });
  });

  test('gets the best offer by launch, within the limit; the next one waits and says why', () => {
    const decisions = pass({ queue: [waiting(1), waiting(2)], fleet: fleet(...reserved(19)) });
    expect(decisions).toMatchObject([
      { kind: 'launch', job: waiting(1).id },
      { kind: 'wait', job: waiting(2).id, wait: { kind: 'fleet_limit' } },
    ]);
  });

  test('fails at once when nothing in the catalogue can ever fit, with the nearest offers', () => {
    const job = waiting(1, { requirements: requirements({ resources: { memory: '100TB..' } }) });
    const [decision] = pass({ queue: [job] });
    expect(decision).toMatchObject({ kind: 'hopeless' });
    expect(decision?.kind === 'hopeless' && decision.message).toMatch(
      /no offer fits.*resources\.memory.*nearest: .*resources\.memory /s,
    );
  });

  test('is not launched where capacity was refused lately', () => {
    const first = pass({ queue: [waiting(1)] })[0];
    if (first?.kind !== 'launch') throw new Error('no launch');
    const { instance_type, zone, spot } = first.offer;
    const refused: FleetEvent = {
      type: 'OfferingUnavailable',
      instance_type,
      zone,
      spot,
      code: 'c',
      until: T0 + 60_000,
    };
    const [second] = pass({ queue: [waiting(1)], fleet: fleet(refused) });
    expect(second).toMatchObject({ kind: 'launch' });
    expect(second?.kind === 'launch' && second.offer).not.toMatchObject({ instance_type, zone, spot });
    expect(pass({ queue: [waiting(1)], fleet: fleet(refused), now: T0 + 60_001 })).toEqual([first]);
  });

  test('waits while the quota of all that fits is used up, until the hold ends', () => {
    const job = waiting(1, { requirements: requirements({ instance_types: ['m7i.large'] }) });
    const held: FleetEvent = {
      type: 'QuotaReached',
      family: 'standard',
      spot: 'on-demand',
      vcpus: 2,
      code: 'VcpuLimitExceeded',
      until: T0 + 60_000,
    };
    const [decision] = pass({ queue: [job], fleet: fleet(held) });
    expect(decision).toMatchObject({ kind: 'wait', wait: { kind: 'quota' }, until: T0 + 60_000 });
    expect(decision?.kind === 'wait' && decision.wait.message).toContain('VcpuLimitExceeded');
  });

  test('that has been refused 25 offers gives up with the last code', () => {
    const refusals = Array.from({ length: 25 }, (): JobEvent[] => [
      {
        type: 'SubmissionAssigned',
        submission: 0,
        instance: instanceId(id(1)),
        offer: offer(),
        bundle: { key: 'k', token_sha256: 's' },
      },
      {
        type: 'OfferRefused',
        instance: instanceId(id(1)),
        offer: offer(),
        refusal: { class: 'capacity', code: 'InsufficientInstanceCapacity', message: 'none' },
      },
    ]).flat();
    const [decision] = pass({ queue: [waiting(1, {}, ...refusals)] });
    expect(decision?.kind === 'hopeless' && decision.message).toContain(
      '25 offers were refused; the last: InsufficientInstanceCapacity',
    );
  });
});

describe('creation_policy: reuse', () => {
  const reuse = waiting(1, { creation_policy: 'reuse' });

  test('waits for a busy instance that fits, and never launches', () => {
    expect(pass({ queue: [reuse], pool: [instance(7, 'busy')] })).toMatchObject([
      { kind: 'wait', wait: { kind: 'busy_instances' } },
    ]);
  });

  test('fails where no instance of the fleet fits', () => {
    expect(kinds(pass({ queue: [reuse] }))).toEqual(['hopeless']);
  });
});

describe('the order', () => {
  test('is by priority, then age', () => {
    const queue = [waiting(1), waiting(2, { priority: 50 }), waiting(3, { priority: 50 })];
    const decisions = pass({ queue, pool: [instance(7, 'idle')], fleet: fleet(...reserved(20)) });
    expect(
      decisions.map((decision) => ('job' in decision ? [decision.kind, decision.job] : decision.kind)),
    ).toEqual([
      ['assign', waiting(2).id],
      ['wait', waiting(3).id],
      ['wait', waiting(1).id],
    ]);
  });

  test('an idle instance is promised once', () => {
    const decisions = pass({ queue: [waiting(1), waiting(2)], pool: [instance(7, 'idle')] });
    expect(kinds(decisions)).toEqual(['assign', 'launch']);
  });
});

describe('a full fleet', () => {
  test('lets an idle instance go that nobody who waits can use', () => {
    const big = waiting(1, { requirements: requirements({ resources: { cpu: '16' } }) });
    const decisions = pass({ queue: [big], pool: [instance(7, 'idle')], fleet: fleet(...reserved(20)) });
    expect(decisions).toContainEqual({ kind: 'let-go', instance: instanceId(id(7)) });
  });

  test('keeps its idle instances while nobody waits', () => {
    expect(pass({ pool: [instance(7, 'idle')], fleet: fleet(...reserved(20)) })).toEqual([]);
  });
});

describe('an operator', () => {
  const word = { reason: 'kernel update', by: 'user:alice' };
  const withheld = (n: number, behavior: 'hold' | 'drain'): Pooled => {
    const { id: name, state } = instance(n, 'idle');
    return { id: name, state: { ...state, withheld: { behavior, ...word } } };
  };

  test('who holds or drains an instance keeps every job from it', () => {
    const pool = [withheld(7, 'hold'), withheld(8, 'drain')];
    expect(kinds(pass({ queue: [waiting(1)], pool }))).toEqual(['launch']);
  });

  test('who holds an instance keeps it though the fleet is full, and those wait who may only reuse it', () => {
    const pool = [withheld(7, 'hold')];
    expect(kinds(pass({ queue: [waiting(1)], pool, fleet: fleet(...reserved(20)) }))).toEqual(['wait']);
    const reuse = waiting(1, { creation_policy: 'reuse' });
    expect(kinds(pass({ queue: [reuse], pool }))).toEqual(['wait']);
    expect(kinds(pass({ queue: [reuse], pool: [withheld(7, 'drain')] }))).toEqual(['hopeless']);
  });

  test('who pauses the fleet keeps all waiting, and each is told by whom and why', () => {
    const paused = fleet({ type: 'FleetPaused', ...word });
    const queue = [waiting(1), waiting(2)];
    const wait = { kind: 'paused', message: 'fleet default is paused by alice: kernel update' };
    expect(pass({ queue, pool: [instance(7, 'idle')], fleet: paused })).toMatchObject([
      { kind: 'wait', job: waiting(1).id, wait },
      { kind: 'wait', job: waiting(2).id, wait },
    ]);
  });
});
