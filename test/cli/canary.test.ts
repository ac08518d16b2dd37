import { describe, expect, test } from 'vitest';
import { CASE_NAMES, casesFor, deviationOf } from '../../cli/canary/cases.ts';
import { stepsOf } from '../../cli/canary/steps.ts';
import type { RunDetail } from '../../domain/api/run.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { given } from './sortie.ts';

const { sortie } = given();

describe('the cases of the canary', () => {
  const cases = casesFor({ gpu: 'L4', image: 'busybox', skip: [] });

  test.each(cases.map((one) => [one.name, one] as const))('%s is a right configuration', (_, one) => {
    expect(parseConfiguration({ type: 'task', ...one.fields })).toMatchObject({
      ok: true,
      value: { nodes: one.nodes },
    });
  });

  test('can be left out, and the GPU is there when it is asked for', () => {
    expect(casesFor({ image: 'x', skip: ['spot', 'container'] }).map(({ name }) => name)).toEqual([
      ...['cold-start', 'warm-start', 'failing', 'stopped', 'two-nodes'],
    ]);
    expect(CASE_NAMES).toContain('gpu');
  });

  test('tell what happened in place of what should have', () => {
    const run = (status: string, exit: number | null, message: string | null = null) =>
      ({ status, message, jobs: [{ submissions: [{ exit_status: exit }] }] }) as unknown as RunDetail;
    const named = (name: string) => {
      const found = cases.find((one) => one.name === name);
      if (found === undefined) throw new Error(`no case ${name}`);
      return found;
    };
    expect(deviationOf(named('cold-start'), run('done', 0))).toBeNull();
    expect(deviationOf(named('cold-start'), run('failed', null, 'no offer fits'))).toBe(
      'failed: no offer fits',
    );
    expect(deviationOf(named('failing'), run('failed', 7))).toBeNull();
    expect(deviationOf(named('failing'), run('done', 0))).toBe('done with 0');
    expect(deviationOf(named('failing'), run('failed', 1))).toBe('failed with 1');
    expect(deviationOf(named('stopped'), run('terminated', null))).toBeNull();
    expect(deviationOf(named('stopped'), run('done', 0))).toBe('done with 0');
  });
});

describe('the steps of a run', () => {
  const event = (type: string, second: number) => ({
    ...{ id: `${type}/${second}`, by: 'test', causation: null, stream: 'Run-1', data: {} },
    ...{ type, at: new Date(second * 1_000).toISOString() },
  });

  test('are the times between its events, of the slowest node', () => {
    const events = [
      event('RunSubmitted', 0),
      event('SubmissionAssigned', 1),
      event('InstanceLaunched', 3),
      event('InstanceLaunched', 4),
      event('InstanceReady', 30),
      event('InstanceReady', 34),
      event('StartSent', 35),
      event('SubmissionStarted', 36),
      event('SubmissionEnded', 40),
      event('RunFinished', 40),
    ];
    expect(stepsOf(events)).toEqual({
      ...{ place: 1_000, launch: 3_000, boot: 30_000, send: 1_000, start: 1_000, run: 4_000, end: 0 },
    });
  });

  test('that it has not gone through are none, and their time is the next one’s', () => {
    const events = [event('RunSubmitted', 0), event('SubmissionAssigned', 1), event('SubmissionStarted', 3)];
    expect(stepsOf(events)).toEqual({
      ...{ place: 1_000, launch: null, boot: null, send: null, start: 2_000, run: null, end: null },
    });
  });
});

describe('sortie canary', () => {
  test('does not know a case of another name', async () => {
    const { code, stderr } = await sortie('canary', '-y', '--skip', 'boxes');
    expect([code, stderr]).toEqual([2, expect.stringContaining('It is one of cold-start, warm-start')]);
  });
});
