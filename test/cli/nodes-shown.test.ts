import { expect, test } from 'vitest';
import { termsOfAll } from '../../cli/show/offer.ts';
import { runTable } from '../../cli/show/runs.ts';
import { out } from '../../cli/terminal/output.ts';
import type { RunSummary } from '../../domain/api/run.ts';

const node = (index: number, status: RunSummary['status'], exit_status: number | null) => ({
  ...{ index, status, exit_status, submission: 0, instance: `i${index}`, instance_type: 'm5.xlarge' },
  ...{ zone: 'us-east-1a', spot: 'on-demand' as const, price: 0.2 },
});

test('`sortie ps` shows each node of a run with its exit status, and one price for all', () => {
  const run: RunSummary = {
    ...{
      id: 'r',
      name: 'trio',
      project: 'main',
      user: 'alice',
      fleet: 'default',
      image: null,
      status: 'failed',
    },
    ...{ termination_reason: 'job_failed', message: 'node 1: exit status 3' },
    ...{ submitted_at: '2026-11-20T12:00:00Z', finished_at: '2026-11-20T12:05:00Z' },
    jobs: [node(0, 'terminated', 143), node(1, 'failed', 3)],
  };
  const at = Date.parse('2026-11-20T12:06:00Z');
  const lines = runTable([run], { ...out, width: () => null }, at, new Map());
  expect(lines.map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    expect.stringMatching(/^NAME {2}STATUS/),
    expect.stringMatching(/^trio {2}failed \(3\) .*\$0\.4.* node 1: exit status 3$/),
    expect.stringMatching(/^└ node 0 {2}terminated \(143\)/),
    expect.stringMatching(/^└ node 1 {2}failed \(3\)/),
  ]);
});

test('what all nodes of a run have is told of equal ones once, with how many they are', () => {
  const offer = { instance_type: 't3a.micro', zone: 'us-east-1a', spot: 'on-demand' as const, price: 0.0094 };
  expect(termsOfAll([offer])).toBe('t3a.micro in us-east-1a, on-demand, $0.0094/h');
  expect(termsOfAll([offer, offer, { ...offer, instance_type: 'm5.large', price: 0.096 }])).toBe(
    '2 × t3a.micro in us-east-1a, on-demand, $0.0094/h and m5.large in us-east-1a, on-demand, $0.0960/h',
  );
});
