import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { knownCalls } from '../../domain/metrics/cloud-call.ts';
import { BootOutcome } from '../../domain/metrics/observation.ts';
import { count } from '../../functions/publish/count.ts';
import { counting } from './counting-sortie.ts';
import type { Sortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

const outcome = (name: string) => `sortie_instances_boot_outcomes_total{outcome="${name}"}`;
const disappeared = (state: string) => `sortie_instances_disappeared_total{state="${state}"}`;
const READY = 'sortie_instances_time_to_ready_seconds';
const START = 'sortie_jobs_time_from_queue_to_start_seconds';
const GONE = 'sortie_instances_time_from_shutdown_to_gone_seconds';

async function takenBack(sortie: Sortie) {
  const ec2 = sortie.machines().at(-1)?.ec2 ?? '';
  await sortie.observe({
    'detail-type': 'EC2 Spot Instance Interruption Warning',
    detail: { 'instance-id': ec2 },
  });
  sortie.clock.at(sortie.clock.now() + 2 * MINUTE, () => sortie.world.end(ec2));
}

describe('the first scrape', () => {
  it('has every series whose labels are bounded, with 0', async () => {
    const all = await counting().series();
    expect(Object.values(all).filter((value) => value !== 0)).toEqual([]);
    const names = Object.keys(all);
    expect(names.filter((name) => name.startsWith('sortie_instances_boot_outcomes_total'))).toHaveLength(
      BootOutcome.options.length,
    );
    expect(names.filter((name) => name.startsWith('sortie_cloud_calls_total'))).toHaveLength(
      knownCalls.length,
    );
    expect(names).toEqual(
      expect.arrayContaining([
        'sortie_queue_entries{state="submitted",instance_type="none"}',
        'sortie_queue_waiting_jobs{reason="quota"}',
        'sortie_queue_not_allocated_over_quota',
        'sortie_queue_longest_wait_seconds',
        'sortie_at_quota',
        'sortie_instances_price_dollars_per_hour{state="idle"}',
        outcome('refused_capacity'),
        disappeared('booting'),
        `${READY}_bucket{le="+Inf"}`,
        `${START}_count`,
        `${GONE}_sum`,
        'sortie_cloud_calls_total{operation="RunInstances",error="none"}',
        'sortie_cloud_calls_total{operation="SendCommand",error="throttle"}',
      ]),
    );
  });
});

describe('after a run', () => {
  it('its launch, its start and the end of its instance are counted, with their times', async () => {
    const { sortie, series } = counting({ behaviour: { boot: 20, commands: 60 } });
    const run = await sortie.submit({ idle_duration: '2m' });
    await sortie.until('done', finished(sortie, run));
    await sortie.until('gone', async () => (await sortie.instances())[0]?.phase.kind === 'terminated');
    expect(await series()).toMatchObject({
      [outcome('ready')]: 1,
      [`${READY}_count`]: 1,
      [`${READY}_sum`]: 20,
      [`${READY}_bucket{le="10"}`]: 0,
      [`${READY}_bucket{le="20"}`]: 1,
      [`${READY}_bucket{le="+Inf"}`]: 1,
      [`${START}_count`]: 1,
      [`${START}_sum`]: 21,
      [`${GONE}_count`]: 1,
      [disappeared('idle')]: 0,
    });
  });

  it('a warm start is a start without a launch', async () => {
    const { sortie, series } = counting();
    await sortie.until('done', finished(sortie, await sortie.submit({ idle_duration: '1h' })));
    await sortie.until('done', finished(sortie, await sortie.submit({ idle_duration: '1h' })));
    expect(await series()).toMatchObject({ [outcome('ready')]: 1, [`${START}_count`]: 2 });
  });

  it('a batch that comes again is counted once', async () => {
    const { sortie, series } = counting();
    await sortie.until('done', finished(sortie, await sortie.submit()));
    await series();
    await count({ tally: sortie.tally, tell: () => {} }, sortie.store.observed.slice(0, 10));
    expect(await series()).toMatchObject({ [outcome('ready')]: 1, [`${START}_count`]: 1 });
  });
});

describe('after refusals, failed boots and an interruption', () => {
  it('each launch is counted by how it ended', async () => {
    const { sortie, series } = counting();
    sortie.world.faults.refuse = ({ offer }) =>
      offer.zone === 'us-east-1a'
        ? {
            kind: 'refused',
            refusal: { class: 'capacity', code: 'InsufficientInstanceCapacity', message: 'none left' },
          }
        : 'no';
    await sortie.until('done', finished(sortie, await sortie.submit()));
    expect(await series()).toMatchObject({
      [outcome('refused_capacity')]: 1,
      [outcome('ready')]: 1,
      [outcome('never_ready')]: 0,
    });
  });

  it('an instance that is never ready is one, and the start after it waits from its end on', async () => {
    const { sortie, series } = counting({ behaviour: { boot: null } });
    const run = await sortie.submit();
    await sortie.pass(9 * MINUTE);
    sortie.behaviour.boot = 20;
    await sortie.until('done', finished(sortie, run));
    expect(await series()).toMatchObject({
      [outcome('never_ready')]: 1,
      [outcome('ready')]: 1,
      [`${START}_count`]: 1,
      [`${START}_sum`]: 21,
    });
  });

  it('one taken back while its job runs is asked to end, or had disappeared, by what came first', async () => {
    const obedient = counting({ behaviour: { commands: 600, obey: 5 } });
    await obedient.sortie.submit();
    await obedient.sortie.pass(MINUTE);
    await takenBack(obedient.sortie);
    await obedient.sortie.pass(4 * MINUTE);
    expect(await obedient.series()).toMatchObject({ [disappeared('draining')]: 0, [`${GONE}_count`]: 1 });

    const stubborn = counting({ behaviour: { commands: null, obey: null } });
    await stubborn.sortie.submit();
    await stubborn.sortie.pass(MINUTE);
    await takenBack(stubborn.sortie);
    await stubborn.sortie.pass(4 * MINUTE);
    expect(await stubborn.series()).toMatchObject({ [disappeared('draining')]: 1, [`${GONE}_count`]: 0 });
  });

  it('one that goes by itself has disappeared from what it did', async () => {
    const { sortie, series } = counting({ behaviour: { commands: 600 } });
    await sortie.submit();
    await sortie.pass(MINUTE);
    sortie.world.end(sortie.machines()[0]?.ec2 ?? '');
    await sortie.pass(3 * MINUTE);
    expect(await series()).toMatchObject({ [disappeared('busy')]: 1, [disappeared('booting')]: 0 });
  });
});

describe('a scrape in between', () => {
  it('shows who waits and for what, how long, and that the quota is used up', async () => {
    const { sortie, series } = counting();
    sortie.world.faults.refuse = () => ({
      kind: 'refused',
      refusal: { class: 'quota', code: 'VcpuLimitExceeded', message: 'your limit is 0' },
    });
    await sortie.submit();
    await sortie.pass(30 * SECOND);
    expect(await series()).toMatchObject({
      'sortie_queue_entries{state="submitted",instance_type="none"}': 1,
      'sortie_queue_waiting_jobs{reason="quota"}': 1,
      sortie_queue_not_allocated_over_quota: 1,
      sortie_queue_longest_wait_seconds: 30,
      sortie_at_quota: 1,
      [outcome('refused_quota')]: 1,
    });
  });

  it('shows instances by what they do, and what they cost', async () => {
    const { sortie, series } = counting({ behaviour: { boot: 20, commands: 60 } });
    await sortie.submit({ idle_duration: '1h' });
    await sortie.pass(10 * SECOND);
    const price = sortie.machines()[0]?.intent.offer.price;
    const instances = (state: string) =>
      `sortie_instances{state="${state}",instance_type="m5.xlarge",market="on-demand"}`;
    expect(await series()).toMatchObject({
      [instances('provisioning')]: 1,
      'sortie_queue_entries{state="provisioning",instance_type="m5.xlarge"}': 1,
      'sortie_instances_price_dollars_per_hour{state="provisioning"}': price,
    });
    await sortie.pass(30 * SECOND);
    expect(await series()).toMatchObject({
      [instances('busy')]: 1,
      'sortie_queue_entries{state="running",instance_type="m5.xlarge"}': 1,
      'sortie_instances_price_dollars_per_hour{state="busy"}': price,
      'sortie_instances_price_dollars_per_hour{state="provisioning"}': 0,
    });
    await sortie.pass(2 * MINUTE);
    const idle = await series();
    expect(idle).toMatchObject({ [instances('idle')]: 1 });
    expect(Object.keys(idle)).not.toContain(instances('busy'));
  });
});
