import type { Blocks } from '../configuration/normalized.ts';
import type { Machine } from './candidate.ts';
import type { OfferTerms } from './offer.ts';
import { micros, timesParts } from './price.ts';

/** How an instance is cut, and which of its blocks, from 0, somebody has of it. */
export interface Cut {
  readonly total: number;
  readonly taken: readonly number[];
}

/**
 * Into how many blocks a machine is cut; `null`: so many do not divide its vCPUs and its GPUs. As in dstack. A fraction
 * of a GPU is cut no further.
 */
export function cutInto(
  { vcpus, gpu }: { readonly vcpus: number; readonly gpu: { readonly count: number } | null },
  blocks: Blocks,
): number | null {
  const most = gpu === null ? vcpus : commonDivisor(vcpus, Math.max(1, gpu.count));
  if (blocks === 'auto') return most;
  return most % blocks === 0 ? blocks : null;
}

export const cutOffer = ({ resources }: OfferTerms, blocks: Blocks): number | null =>
  cutInto({ vcpus: resources.cpus, gpu: resources.gpus[0] ?? null }, blocks);

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** A machine as one sees it who has so many of its blocks. The disk is shared. */
export function shareOf(machine: Machine, taken: number, total: number): Machine {
  if (taken === total) return machine;
  const part = (all: number) => Math.floor(all / total) * taken;
  const { vcpus, memoryMib, gpu } = machine;
  return {
    ...machine,
    vcpus: part(vcpus),
    memoryMib: part(memoryMib),
    gpu: gpu && { ...gpu, count: part(gpu.count) },
  };
}

/** What somebody is given who has some of an instance's blocks, and its part of the price, to EC2's six decimals. */
export function shareOfOffer(offer: OfferTerms, { total, taken }: Cut): OfferTerms {
  if (taken.length === total) return offer;
  const part = (all: number) => Math.floor(all / total) * taken.length;
  const share = taken.length / total;
  const { resources } = offer;
  return {
    ...offer,
    price: micros(offer.price * share),
    price_parts: offer.price_parts && timesParts(offer.price_parts, share),
    on_demand_price: offer.on_demand_price === null ? null : micros(offer.on_demand_price * share),
    resources: {
      ...resources,
      cpus: part(resources.cpus),
      memory_mib: part(resources.memory_mib),
      gpus: resources.gpus.map((gpu) => ({ ...gpu, count: part(gpu.count) })),
    },
  };
}

/** The numbers of the GPUs that belong to these blocks, as the driver counts them. */
export function devicesOf({ resources }: OfferTerms, { total, taken }: Cut): number[] {
  const each = (resources.gpus[0]?.count ?? 0) / total;
  return taken.flatMap((block) => Array.from({ length: each }, (_, n) => block * each + n));
}
