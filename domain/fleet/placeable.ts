import { fittingOf } from '../planning/fitting.ts';
import type { PreparedCatalogue } from '../planning/prepared.ts';
import type { Requirements } from '../planning/requirements.ts';
import type { StoredFleet } from './stored-fleet.ts';
import { termsOf } from './terms.ts';

/** Whether EC2 takes anything that the fleet lets in into a cluster placement group; where nothing is let in at all: yes. */
export function isPlaceable(
  catalogue: PreparedCatalogue,
  zones: readonly string[] | null,
  configuration: StoredFleet,
): boolean {
  if (configuration.placement !== 'cluster') return true;
  const has = (terms: ReturnType<typeof termsOf>): boolean =>
    (['x86', 'arm'] as const).some(
      (arch) => fittingOf(catalogue, anythingOf(arch), { zones, terms }).launch(0) !== undefined,
    );
  const terms = termsOf(configuration);
  return has(terms) || !has({ ...terms, cluster: null });
}

const ANY = { min: null, max: null };

const anythingOf = (arch: 'x86' | 'arm'): Requirements => ({
  resources: {
    cpu: { arch, count: ANY },
    memory: null,
    shm_size: null,
    gpu: {
      ...{ vendor: null, name: null, memory: null, total_memory: null, compute_capability: null },
      count: ANY,
    },
    disk: { size: ANY },
  },
  spot_policy: 'auto',
  ...{ max_price: null, max_duration: null, regions: null, availability_zones: null },
  ...{ instance_types: null, instances: null },
  cpu_credits: 'standard',
});
