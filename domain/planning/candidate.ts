import type { Gpu, InstanceType } from './catalogue.ts';
import { computeCapability, gpuKey, nominalGib } from './gpu.ts';
import type { IdleOffer, Market } from './offer.ts';
import { type QuotaFamily, quotaFamily } from './quota.ts';

/** A type × zone × market with its price, or an idle instance: what a plan considers, one by one. */
export type Candidate = {
  machine: Machine;
  region: string;
  zone: string;
  spot: Market;
  price: number;
  idle: IdleOffer | null;
};

/** A type, with all that does not depend on the request worked out once. */
export type Machine = {
  name: string;
  arch: 'x86_64' | 'arm64';
  /** Whether RunInstances starts it on shared tenancy with one of our images, and if not, why. */
  launch: 'shared tenancy' | 'Dedicated Hosts only' | '32-bit only';
  /** Whether EC2 takes it into a cluster placement group. */
  placement: 'cluster' | 'in no cluster placement group';
  vcpus: number;
  memoryMib: number;
  gpu: MachineGpu | null;
  quota: QuotaFamily;
};

export type MachineGpu = Gpu & {
  key: string;
  nominalGib: number;
  computeCapability: readonly [number, number] | null;
};

/** `mac` types run on Dedicated Hosts alone, and tell by their architecture: `x86_64_mac`, `arm64_mac`. */
function launchOf(architectures: readonly string[]): Machine['launch'] {
  if (architectures.some((arch) => arch === 'x86_64' || arch === 'arm64')) return 'shared tenancy';
  return architectures.some((arch) => arch.endsWith('_mac')) ? 'Dedicated Hosts only' : '32-bit only';
}

export function machineOf(type: InstanceType): Machine {
  return {
    name: type.name,
    arch: type.architectures.some((arch) => arch.startsWith('arm64')) ? 'arm64' : 'x86_64',
    launch: launchOf(type.architectures),
    placement: type.traits.includes('unclustered') ? 'in no cluster placement group' : 'cluster',
    vcpus: type.vcpus,
    memoryMib: type.memoryMib,
    gpu: type.gpu && machineGpu(type.gpu),
    quota: quotaFamily(type.name),
  };
}

export function idleCandidate(offer: IdleOffer): Candidate {
  const { resources } = offer;
  const gpu = resources.gpus[0];
  return {
    machine: {
      name: offer.instance_type,
      arch: resources.arch,
      launch: 'shared tenancy',
      placement: 'cluster',
      vcpus: resources.cpus,
      memoryMib: resources.memory_mib,
      gpu: gpu ? machineGpu({ ...gpu, memoryMib: gpu.memory_mib }) : null,
      quota: quotaFamily(offer.instance_type),
    },
    region: offer.region,
    zone: offer.zone,
    spot: offer.spot,
    price: offer.price,
    idle: offer,
  };
}

const machineGpu = ({ vendor, name, count, memoryMib }: Gpu): MachineGpu => ({
  vendor,
  name,
  count,
  memoryMib,
  key: gpuKey(name),
  nominalGib: nominalGib({ name, count, memoryMib }),
  computeCapability: computeCapability(name),
});
