import { expect, test } from 'vitest';
import { exposition } from '../../../infra/metrics/prometheus.ts';

test('families are written as Prometheus reads them, labels escaped', async () => {
  const { contentType, text } = await exposition([
    { type: 'gauge', name: 'sortie_a', help: 'How many', samples: [{ labels: {}, value: 0 }] },
    {
      type: 'counter',
      name: 'sortie_b_total',
      help: 'How often',
      samples: [
        { labels: { x: 'say "hi"', y: 'a\\b' }, value: 2 },
        { labels: { x: '1', y: '2' }, value: 0 },
      ],
    },
    { type: 'gauge', name: 'sortie_c', help: 'None now', samples: [] },
  ]);
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text).toBe(`# HELP sortie_a How many
# TYPE sortie_a gauge
sortie_a 0

# HELP sortie_b_total How often
# TYPE sortie_b_total counter
sortie_b_total{x="say \\"hi\\"",y="a\\\\b"} 2
sortie_b_total{x="1",y="2"} 0

# HELP sortie_c None now
# TYPE sortie_c gauge
`);
});

test('a histogram has its buckets, all of it, its sum and its count', async () => {
  const { text } = await exposition([
    {
      type: 'histogram',
      name: 'sortie_t_seconds',
      help: 'How long',
      buckets: [
        { le: 1, count: 2 },
        { le: 2.5, count: 3 },
      ],
      sum: 9.25,
      count: 4,
    },
  ]);
  expect(text).toBe(`# HELP sortie_t_seconds How long
# TYPE sortie_t_seconds histogram
sortie_t_seconds_bucket{le="1"} 2
sortie_t_seconds_bucket{le="2.5"} 3
sortie_t_seconds_bucket{le="+Inf"} 4
sortie_t_seconds_sum 9.25
sortie_t_seconds_count 4
`);
});
