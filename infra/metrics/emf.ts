import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Tell, Told } from '../../domain/metrics/told.ts';

/**
 * CloudWatch's embedded metric format: a line of the function's log is a metric, without a call. Each combination of a name
 * with its labels' values costs as a metric of its own, for the hours in which it is told.
 */
export function emf(deployment: string): Tell {
  const metrics = new Metrics({ namespace: 'Sortie', serviceName: deployment });
  return (all) => {
    for (const alike of Map.groupBy(all, ({ labels }) => JSON.stringify(labels)).values()) {
      for (const [name, value] of Object.entries(alike[0]?.labels ?? {})) metrics.addDimension(name, value);
      for (const told of alike) metrics.addMetric(told.name, unitOf(told), told.value);
      metrics.publishStoredMetrics();
    }
  };
}

function unitOf({ name }: Told) {
  if (name.endsWith('_seconds')) return MetricUnit.Seconds;
  return name.endsWith('_dollars_per_hour') ? MetricUnit.NoUnit : MetricUnit.Count;
}
