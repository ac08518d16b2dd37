import { describe, expect, it } from 'vitest';
import { callCounts } from '../../domain/metrics/call-counts.ts';
import { tellCalls } from '../../functions/react/tell-calls.ts';
import { metricsTeller } from '../../functions/sync/tell-metrics.ts';
import { memoryTally } from '../fakes/memory-tally.ts';
import { counting } from './counting-sortie.ts';
import { finished } from './invariants.ts';

describe('CloudWatch', () => {
  it('is told each count and each time', async () => {
    const { sortie, series, told } = counting();
    await sortie.until('done', finished(sortie, await sortie.submit({ idle_duration: '1h' })));
    await series();
    expect(told).toEqual([
      { name: 'sortie_instances_boot_outcomes_total', labels: { outcome: 'ready' }, value: 1 },
      { name: 'sortie_instances_time_to_ready_seconds', labels: {}, value: 20 },
      { name: 'sortie_jobs_time_from_queue_to_start_seconds', labels: {}, value: 21 },
    ]);
  });

  it('is told how it is as long as somebody waits or something lives, and once more when all is quiet', async () => {
    const { sortie, told, tell } = counting();
    const metrics = metricsTeller(sortie.on, { calls: callCounts(), tally: sortie.tally, tell });
    const toldNow = async () => {
      await metrics.gauges();
      await metrics.calls();
      return told.splice(0);
    };
    expect(await toldNow()).toEqual([]);
    await sortie.submit({ idle_duration: '2m' });
    expect(await toldNow()).toContainEqual({
      name: 'sortie_queue_entries',
      labels: { state: 'submitted', instance_type: 'none' },
      value: 1,
    });
    await sortie.until('gone', async () => (await sortie.instances())[0]?.phase.kind === 'terminated');
    const last = await toldNow();
    expect(last.length).toBeGreaterThan(0);
    expect(last.filter(({ value }) => value !== 0)).toEqual([]);
    expect(await toldNow()).toEqual([]);
  });

  it('is told of calls while something lives, and else of those that failed; the tally has them all', async () => {
    const { sortie, series, told, tell } = counting();
    const calls = callCounts();
    const metrics = metricsTeller(sortie.on, { calls, tally: sortie.tally, tell });
    const toldOfCalls = async () => {
      calls.hear({ operation: 'DescribeInstances', error: 'none' }, 2);
      calls.hear({ operation: 'DescribeInstances', error: 'throttle' });
      await metrics.gauges();
      await metrics.calls();
      return told
        .splice(0)
        .flatMap(({ name, labels, value }) =>
          name === 'sortie_cloud_calls_total' ? [[labels['error'], value]] : [],
        );
    };
    expect(await toldOfCalls()).toEqual([['throttle', 1]]);
    await sortie.submit();
    expect(await toldOfCalls()).toEqual([
      ['none', 2],
      ['throttle', 1],
    ]);
    expect(await series()).toMatchObject({
      'sortie_cloud_calls_total{operation="DescribeInstances",error="none"}': 4,
      'sortie_cloud_calls_total{operation="DescribeInstances",error="throttle"}': 2,
    });
  });
});

describe('calls of the cloud', () => {
  const call = { operation: 'RunInstances', error: 'none' } as const;

  it('that could not be counted are counted with the next', async () => {
    const tally = memoryTally();
    const calls = callCounts();
    calls.hear(call);
    const down = { ...tally, add: () => Promise.reject(new Error('the table is away')) };
    await expect(tellCalls({ calls, tally: down, tell: () => {} }, 'one')).rejects.toThrow('away');
    calls.hear(call);
    await tellCalls({ calls, tally, tell: () => {} }, 'two');
    expect(await tally.read({ kind: 'cloud' })).toEqual({ 'call RunInstances none': 2 });
  });
});
