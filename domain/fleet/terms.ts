import { DEFAULT_RESOURCES } from '../configuration/resources.ts';
import type { JobSpec } from '../job/events.ts';
import { dollars } from '../kernel/dollars.ts';
import { HOUR } from '../kernel/instant.ts';
import type { Terms } from '../planning/context.ts';
import type { Requirements } from '../planning/requirements.ts';
import { paidUntil } from './budget.ts';
import { clusterOf } from './placement-group.ts';
import type { FleetState } from './state.ts';
import type { StoredFleet } from './stored-fleet.ts';

type Asking = Pick<JobSpec, 'fleet' | 'requirements' | 'stop_duration'>;

/** Why this fleet never takes the job, if so. */
export function barred(fleet: FleetState | undefined, job: Asking): string | null {
  const name = job.fleet;
  if (fleet?.phase.kind === 'deleted') return `fleet ${name} was deleted`;
  const budget = fleet?.configuration?.limits.budget ?? null;
  if (budget === null || paidUntil(job, { launching: null }, 0) !== null) return null;
  const field = job.requirements.max_duration === null ? 'max_duration' : 'stop_duration';
  return `fleet ${name} has a budget of ${dollars(budget)}, and without a ${field} nobody knows what the run would cost`;
}

/**
 * What this fleet lets in for the job: what it was configured to, and nothing that would exceed a limit even if it were
 * all alone. `null`: anything.
 */
export function termsFor(fleet: FleetState | undefined, job: Asking): Terms | null {
  const configuration = fleet?.configuration ?? null;
  if (configuration === null) return null;
  const { limits } = configuration;
  const terms = termsOf(configuration);
  const hours = (paidUntil(job, { launching: null }, 0) ?? 0) / HOUR;
  const affordable = limits.budget !== null && hours > 0 ? limits.budget / hours : null;
  const { resources } = terms;
  const count = { ...resources.cpu.count, max: least(resources.cpu.count.max, limits.vcpus) };
  return {
    ...terms,
    cluster: clusterOf(fleet),
    resources: { ...resources, cpu: { ...resources.cpu, count } },
    max_price: least(terms.max_price, limits.price_per_hour, affordable),
    spot_price: limits.price_per_hour === null && limits.budget === null ? 'may rise' : 'firm',
  };
}

/** The configuration as a request: what it does not name is open. */
export function termsOf(configuration: StoredFleet): Terms {
  const { resources, spot_policy, max_price, regions, availability_zones, instance_types } = configuration;
  const { cpu, memory, gpu, disk } = resources;
  return {
    resources: {
      cpu: cpu ?? { arch: null, count: ANY },
      memory,
      shm_size: null,
      gpu: gpu ?? {
        ...{ vendor: null, name: null, memory: null, total_memory: null, compute_capability: null },
        count: ANY,
      },
      disk: disk ?? { size: ANY },
    },
    spot_policy: spot_policy ?? 'auto',
    blocks: configuration.blocks,
    cluster: configuration.placement === 'cluster' ? { zone: null } : null,
    spot_price: 'may rise',
    ...{ max_price, regions, availability_zones, instance_types },
  };
}

/** What a node is to be that nobody has asked for: what dstack's resources are where nothing is said of them. */
export function nodeRequest(configuration: StoredFleet): Requirements {
  const { resources, spot_policy, max_price, regions, availability_zones, instance_types } = configuration;
  return {
    resources: {
      shm_size: null,
      cpu: resources.cpu ?? DEFAULT_RESOURCES.cpu,
      memory: resources.memory ?? DEFAULT_RESOURCES.memory,
      gpu: resources.gpu ?? DEFAULT_RESOURCES.gpu,
      disk: resources.disk ?? DEFAULT_RESOURCES.disk,
    },
    spot_policy: spot_policy ?? 'on-demand',
    ...{ max_price, regions, availability_zones, instance_types, max_duration: null, instances: null },
    cpu_credits: 'standard',
  };
}

/** What the fleet makes of a job's wishes for its instance: idle time is the fleet's to say, tags are joined. */
export function launchedAs(
  configuration: StoredFleet | null,
  job: Pick<JobSpec, 'idle_duration' | 'tags'>,
): Pick<JobSpec, 'idle_duration' | 'tags'> {
  const said = configuration?.idle_duration ?? null;
  return {
    idle_duration: said === null ? job.idle_duration : said === 'never' ? null : said,
    tags: { ...configuration?.tags, ...job.tags },
  };
}

const ANY = { min: null, max: null };

function least(...bounds: readonly (number | null)[]): number | null {
  const said = bounds.filter((bound) => bound !== null);
  return said.length > 0 ? Math.min(...said) : null;
}
