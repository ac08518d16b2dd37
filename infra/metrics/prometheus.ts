import type { Metric } from 'prom-client';
import type { Family } from '../../domain/metrics/family.ts';

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** The families in Prometheus' text format. The client is loaded with the first scrape: most API calls are none. */
export async function exposition(families: readonly Family[]): Promise<Exposition> {
  const { Registry } = await import('prom-client');
  const registry = new Registry();
  for (const family of families) registry.registerMetric(collected(family));
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/**
 * prom-client keeps its own counts, of one process; ours are the table's, already summed. A registry only asks a
 * metric for its name and its values.
 */
function collected(family: Family): Metric {
  const { name, help, type } = family;
  const values = family.type === 'histogram' ? histogramValues(family) : [...family.samples];
  return { name, help, type, get: async () => ({ name, help, type, values }) } as unknown as Metric;
}

const histogramValues = ({ name, buckets, sum, count }: Extract<Family, { type: 'histogram' }>) => [
  ...[...buckets, { le: '+Inf', count }].map((bucket) => ({
    metricName: `${name}_bucket`,
    labels: { le: String(bucket.le) },
    value: bucket.count,
  })),
  { metricName: `${name}_sum`, labels: {}, value: sum },
  { metricName: `${name}_count`, labels: {}, value: count },
];
