import type { InstanceType } from '../../../domain/planning/catalogue.ts';
import type { PlanContext } from '../../../domain/planning/context.ts';
import type { IdleOffer } from '../../../domain/planning/offer.ts';
import { prepareCatalogue } from '../../../domain/planning/prepared.ts';
import type { Rates } from '../../../domain/planning/price.ts';
import type { GpuRequest, Requirements, Resources } from '../../../domain/planning/requirements.ts';
import { UNPARTED } from '../given.ts';

const any = { min: null, max: null };

const anyGpu: GpuRequest = {
  vendor: null,
  name: null,
  count: { min: 0, max: null },
  memory: null,
  total_memory: null,
  compute_capability: null,
};

type Asked = Partial<Omit<Requirements, 'resources'>> & {
  resources?: Partial<Omit<Resources, 'gpu'>> & { gpu?: Partial<GpuRequest> };
};

/** A request for anything at all, but for what is given. */
export function request({ resources = {}, ...rest }: Asked = {}): Requirements {
  const { gpu, ...sizes } = resources;
  return {
    resources: {
      cpu: { arch: null, count: any },
      memory: null,
      shm_size: null,
      disk: { size: { min: 100, max: null } },
      ...sizes,
      gpu: { ...anyGpu, ...gpu },
    },
    spot_policy: 'auto',
    max_price: null,
    regions: null,
    availability_zones: null,
    instance_types: null,
    max_duration: null,
    instances: null,
    cpu_credits: 'standard',
    ...rest,
  };
}

export const now = Date.parse('2026-11-20T12:00:00Z');

export const context = (given: Partial<PlanContext> = {}): PlanContext => ({
  now,
  idle: [],
  unavailable: [],
  quota: [],
  zones: null,
  terms: null,
  ...{ price_factor: null, launch_factor: null },
  limit: Number.POSITIVE_INFINITY,
  ...given,
});

/** An x86 type of 4 vCPUs and 16 GB at $1, in zones a and b, on demand alone, but for what is given. */
export const type = (name: string, given: Partial<InstanceType> = {}): InstanceType => ({
  name,
  architectures: ['x86_64'],
  vcpus: 4,
  memoryMib: 16_384,
  traits: [],
  zones: ['us-east-1a', 'us-east-1b'],
  onDemandPrice: 1,
  spot: null,
  gpu: null,
  ...given,
});

/** Nothing but instances costs anything: an offer's price is what its type says. */
const FREE: Rates = {
  asOf: '2026-07-20',
  ...{ diskGibMonth: 0, ipv4Hour: 0, creditsVcpuHour: { x86_64: 0, arm64: 0 } },
};

export const catalogueOf = (...types: InstanceType[]) => catalogueAt(FREE, ...types);

export const catalogueAt = (rates: Rates, ...types: InstanceType[]) =>
  prepareCatalogue(
    {
      ...{ region: 'us-east-1', version: 'given', priceAsOf: '2026-07-20', spotAsOf: '2026-07-19', rates },
      zones: [...new Set(types.flatMap(({ zones }) => zones))].map((name, n) => ({
        name,
        id: `use1-az${n + 1}`,
      })),
      types,
    },
    'shipped',
  );

export const saving = (percent: number): InstanceType['spot'] => ({
  pricing: { by: 'saving', percent },
  interruptionBand: 0,
});

export const idleInstance = (instance: string, given: Partial<IdleOffer> = {}): IdleOffer => ({
  instance_type: 'm5.xlarge',
  region: 'us-east-1',
  zone: 'us-east-1a',
  spot: 'on-demand',
  price: 1,
  resources: { cpus: 4, memory_mib: 16_384, gpus: [], disk_gib: 100, arch: 'x86_64' },
  ...UNPARTED,
  availability: 'idle',
  instance,
  blocks: { total: 1, free: 1 },
  ...given,
});
