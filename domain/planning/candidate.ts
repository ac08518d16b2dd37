import type { Gpu, InstanceType } from './catalogue.ts';
import { computeCapability, gpuKey, nominalGib } from './gpu.ts';
import { type ImageKind, imageKindOf } from './image.ts';
import type { IdleOffer, Market, OfferTerms } from './offer.ts';
import { instanceAlone, type PriceParts } from './price.ts';
import { type QuotaFamily, quotaFamily } from './quota.ts';

/** A type × zone × market with its price, or an idle instance: what a plan considers, one by one. */
export type Candidate = {
  machine: Machine;
  region: string;
  zone: string;
  spot: Market;
  /** $/h in all: the sum of `parts`. */
  price: number;
  parts: PriceParts;
  /** $/h of the instance alone on demand; `null`: it is not sold so, or not known. */
  onDemand: number | null;
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
  /** What it boots from. */
  image: ImageKind;
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
  const { name, memoryMib } = type;
  const arch = type.architectures.some((one) => one.startsWith('arm64')) ? 'arm64' : 'x86_64';
  return {
    name,
    arch,
    launch: launchOf(type.architectures),
    placement: type.traits.includes('unclustered') ? 'in no cluster placement group' : 'cluster',
    vcpus: type.vcpus,
    memoryMib,
    gpu: type.gpu && machineGpu(type.gpu),
    quota: quotaFamily(name),
    image: imageKindOf({ name, arch, memoryMib, vendor: type.gpu?.vendor ?? null }),
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
      image: imageOf(offer),
    },
    region: offer.region,
    zone: offer.zone,
    spot: offer.spot,
    price: offer.price,
    parts: offer.price_parts ?? instanceAlone(offer.price),
    onDemand: null,
    idle: offer,
  };
}

/** The kind of image that an offer boots. */
export const imageOf = ({ instance_type, resources }: OfferTerms): ImageKind =>
  imageKindOf({
    name: instance_type,
    arch: resources.arch,
    memoryMib: resources.memory_mib,
    vendor: resources.gpus[0]?.vendor ?? null,
  });

const machineGpu = ({ vendor, name, count, memoryMib }: Gpu): MachineGpu => ({
  vendor,
  name,
  count,
  memoryMib,
  key: gpuKey(name),
  nominalGib: nominalGib({ name, count, memoryMib }),
  computeCapability: computeCapability(name),
});
