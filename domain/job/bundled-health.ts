import type { HealthSpec } from '../configuration/normalized.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { vendorOf } from './bundled-container.ts';
import type { BundledHealth } from './bundles.ts';

/** The check as its runner makes it, of the whole instance, whatever the job has of it. */
export function bundledHealth(
  { checks, script, timeout }: HealthSpec,
  { resources: { memory_mib, gpus } }: OfferTerms,
): BundledHealth {
  const [gpu] = gpus;
  return {
    checks,
    script,
    timeout_seconds: timeout,
    expects: {
      memory_mib,
      // A fraction of a GPU is counted as 0, and is one to see on its instance.
      gpus: gpus.reduce((sum, { count }) => sum + Math.max(1, count), 0),
      vendor: gpu === undefined ? null : vendorOf(gpu.vendor),
    },
  };
}
