import { expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../patience.ts';
import { final } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

const on = embeddedForFile();

const scrape = (headers: Record<string, string>) => fetch(`${on.sortie.url}/v1/metrics`, { headers });

/** The series of one name, each as Prometheus reads it. */
async function series(name: string): Promise<string[]> {
  const answer = await scrape({ authorization: `Bearer ${on.sortie.token}` });
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return (await answer.text()).split('\n').filter((line) => line.startsWith(name));
}

test('a scrape without a token, or with another, is refused', async () => {
  expect((await scrape({})).status).toBe(401);
  expect((await scrape({ authorization: 'Bearer nobody' })).status).toBe(403);
});

test('a run shows: its launch, its start, its instance and the calls that it took', async () => {
  const zero = 'sortie_instances_boot_outcomes_total{outcome="ready"} 0';
  expect(await series('sortie_instances_boot_outcomes_total')).toContain(zero);
  const { id } = await on.client.submit({ commands: ['true'], resources: { cpu: 2, memory: '1GB..' } });
  await on.client.until(id, 'over', final);
  await vi.waitFor(async () => {
    expect(await series('sortie_jobs_time_from_queue_to_start_seconds_count')).toEqual([
      'sortie_jobs_time_from_queue_to_start_seconds_count 1',
    ]);
    expect(await series('sortie_instances_boot_outcomes_total{outcome="ready"}')).toEqual([
      'sortie_instances_boot_outcomes_total{outcome="ready"} 1',
    ]);
    expect(await series('sortie_instances{')).toEqual([
      'sortie_instances{state="idle",instance_type="t3a.micro",market="on-demand"} 1',
    ]);
    expect(await series('sortie_cloud_calls_total{operation="SendCommand",error="none"}')).toEqual([
      expect.stringMatching(/ [1-9]\d*$/),
    ]);
  }, PATIENCE_MS);
});
