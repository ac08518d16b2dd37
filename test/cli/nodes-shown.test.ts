import { expect, test } from 'vitest';
import { termsOfAll } from '../../cli/show/offer.ts';
import { runTable } from '../../cli/show/runs.ts';
import { out } from '../../cli/terminal/output.ts';
import type { RunSummary } from '../../domain/api/run.ts';

const node = (index: number, status: RunSummary['status'], exit_status: number | null) => ({
  ...{ index, status, exit_status, submission: 0, instance: `i${index}`, instance_type: 'm5.xlarge' },
  ...{ zone: 'us-east-1a', spot: 'on-demand' as const, price: 0.2, image_id: null },
});

const base: Omit<RunSummary, 'jobs'> = {
  ...{ id: 'r', name: 'trio', project: 'main', user: 'alice', fleet: 'default', image: null },
  ...{ status: 'running', termination_reason: null, message: null },
  ...{ submitted_at: '2026-11-20T12:00:00Z', finished_at: null },
};

test('`sortie ps` shows each node of a run with its exit status, and one price for all', () => {
  const run: RunSummary = {
    ...base,
    ...{ status: 'failed', termination_reason: 'job_failed', message: 'node 1: exit status 3' },
    finished_at: '2026-11-20T12:05:00Z',
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

test('`sortie ps` shows the id of the image that ran: beside its name, or of each of several nodes', () => {
  const ran = (index: number, id: string | null) => ({ ...node(index, 'running', null), image_id: id });
  const image = 'ubuntu:24.04';
  const one = { ...base, image, jobs: [ran(0, `sha256:${'a'.repeat(64)}`)] };
  const two = { ...base, image, jobs: [ran(0, `sha256:${'b'.repeat(64)}`), ran(1, null)] };
  const lines = runTable([one, two], { ...out, width: () => null }, Date.parse(base.submitted_at), new Map());
  const column = lines[0]?.indexOf('IMAGE') ?? 0;
  expect(lines.map((line) => line.slice(column).split('  ')[0])).toEqual([
    ...['IMAGE', 'ubuntu:24.04 (aaaaaaaaaaaa)', 'ubuntu:24.04', 'bbbbbbbbbbbb', ''],
  ]);
});

test('what all nodes of a run have is told of equal ones once, with how many they are', () => {
  const offer = { instance_type: 't3a.micro', zone: 'us-east-1a', spot: 'on-demand' as const, price: 0.0094 };
  expect(termsOfAll([offer])).toBe('t3a.micro in us-east-1a, on-demand, $0.0094/h');
  expect(termsOfAll([offer, offer, { ...offer, instance_type: 'm5.large', price: 0.096 }])).toBe(
    '2 × t3a.micro in us-east-1a, on-demand, $0.0094/h and m5.large in us-east-1a, on-demand, $0.0960/h',
  );
});
