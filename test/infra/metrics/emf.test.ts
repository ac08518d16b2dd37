import { afterEach, expect, test, vi } from 'vitest';
import { emf } from '../../../infra/metrics/emf.ts';

afterEach(() => vi.restoreAllMocks());

/** What a function would have in its log. */
function printed(work: () => void): unknown[] {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  work();
  vi.restoreAllMocks();
  return lines.map((line) => JSON.parse(line));
}

test('what has the same labels is one line, each metric with its unit', () => {
  const tell = emf('sortie-test');
  const lines = printed(() =>
    tell([
      { name: 'sortie_queue_longest_wait_seconds', labels: {}, value: 30 },
      { name: 'sortie_instances_price_dollars_per_hour', labels: { state: 'idle' }, value: 0.2 },
      { name: 'sortie_instances', labels: { state: 'idle' }, value: 1 },
    ]),
  );
  const metrics = (...defined: [Name: string, Unit: string][]) =>
    defined.map(([Name, Unit]) => ({ Name, Unit }));
  expect(lines).toMatchObject([
    {
      service: 'sortie-test',
      sortie_queue_longest_wait_seconds: 30,
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Sortie',
            Dimensions: [['service']],
            Metrics: metrics(['sortie_queue_longest_wait_seconds', 'Seconds']),
          },
        ],
      },
    },
    {
      service: 'sortie-test',
      state: 'idle',
      sortie_instances: 1,
      sortie_instances_price_dollars_per_hour: 0.2,
      _aws: {
        CloudWatchMetrics: [
          {
            Dimensions: [['service', 'state']],
            Metrics: metrics(
              ['sortie_instances_price_dollars_per_hour', 'None'],
              ['sortie_instances', 'Count'],
            ),
          },
        ],
      },
    },
  ]);
});

test('times of one batch are all of them told', () => {
  const tell = emf('sortie-test');
  const name = 'sortie_instances_time_to_ready_seconds';
  const lines = printed(() => tell([20, 30].map((value) => ({ name, labels: {}, value }))));
  expect(lines).toMatchObject([{ [name]: [20, 30] }]);
});

test('nothing to tell is nothing in the log', () => {
  expect(printed(() => emf('sortie-test')([]))).toEqual([]);
});
