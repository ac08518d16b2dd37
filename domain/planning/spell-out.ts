import type { Candidate, Machine } from './candidate.ts';
import type { Offer, OfferResources } from './offer.ts';
import type { Reason } from './rejection.ts';
import type { Range } from './requirements.ts';

/** dstack's default: its images are 100 GB. */
const defaultDiskGib = 100;

/** Candidates as offers, with the disk this request asks for; `rejected` is why the offer is not to be had, if so. */
export function speller(disk: Range): (candidate: Candidate, rejected: Reason | null) => Offer {
  const resources = new Map<Machine, OfferResources>();
  const disk_gib = disk.min ?? Math.min(disk.max ?? defaultDiskGib, defaultDiskGib);
  return (candidate, rejected) => {
    if (candidate.idle) return candidate.idle;
    const { machine, region, zone, spot, price } = candidate;
    const known = resources.get(machine) ?? resourcesOf(machine, disk_gib);
    resources.set(machine, known);
    const availability = availabilityAfter(rejected);
    return { instance_type: machine.name, region, zone, spot, price, resources: known, availability };
  };
}

function resourcesOf({ vcpus, memoryMib, gpu, arch }: Machine, disk_gib: number): OfferResources {
  return {
    cpus: vcpus,
    memory_mib: memoryMib,
    gpus: gpu ? [{ vendor: gpu.vendor, name: gpu.name, count: gpu.count, memory_mib: gpu.memoryMib }] : [],
    disk_gib,
    arch,
  };
}

const availabilityAfter = (rejected: Reason | null): 'available' | 'not_available' | 'no_quota' =>
  rejected === 'quota' ? 'no_quota' : rejected === 'capacity' ? 'not_available' : 'available';
