import { baselineOf } from './burstable.ts';
import type { Candidate, Machine } from './candidate.ts';
import type { Terms } from './context.ts';
import type { Offer, OfferResources } from './offer.ts';
import type { Priced } from './prepared.ts';
import { micros } from './price.ts';
import type { Reason } from './rejection.ts';
import type { Requirements } from './requirements.ts';

/** dstack's default: its images are 100 GB. */
const defaultDiskGib = 100;

/** A request as far as prices depend on it. The fleet may want a larger disk than the job. */
export function pricedAs(
  { resources: { disk }, cpu_credits }: Pick<Requirements, 'resources' | 'cpu_credits'>,
  terms: Terms | null,
): Priced {
  const least = terms?.resources.disk.size.min ?? null;
  const min = least === null ? disk.size.min : Math.max(disk.size.min ?? 0, least);
  return { disk_gib: min ?? Math.min(disk.size.max ?? defaultDiskGib, defaultDiskGib), cpu_credits };
}

/** Candidates as offers to this request, within these terms; `rejected` is why the offer is not to be had, if so. */
export function speller(
  requirements: Requirements,
  terms: Terms | null,
): (candidate: Candidate, rejected: Reason | null) => Offer {
  const resources = new Map<Machine, OfferResources>();
  const { disk_gib, cpu_credits } = pricedAs(requirements, terms);
  return (candidate, rejected) => {
    if (candidate.idle) return candidate.idle;
    const { machine, region, zone, spot, price, parts } = candidate;
    const known = resources.get(machine) ?? resourcesOf(machine, disk_gib);
    resources.set(machine, known);
    const availability = availabilityAfter(rejected);
    return {
      ...{ instance_type: machine.name, region, zone, spot, price, resources: known },
      price_parts: parts,
      ...spotBounds(candidate, requirements, terms),
      cpu_credits: baselineOf(machine.name) === null ? null : cpu_credits,
      availability,
    };
  };
}

/**
 * Spot's price may rise while an instance runs. EC2 is told how far, of the instance's part: up to what the run and its
 * fleet pay at most, and never above the price on demand.
 */
function spotBounds(
  { spot, price, parts, onDemand }: Candidate,
  { max_price }: Requirements,
  terms: Terms | null,
): { on_demand_price: number | null; spot_max_price: number | null } {
  if (spot === 'on-demand') return { on_demand_price: null, spot_max_price: null };
  const others = price - parts.instance;
  const ceilings = [max_price, terms?.max_price ?? null].flatMap((most) =>
    most === null ? [] : most - others,
  );
  const firm = terms?.spot_price === 'firm' ? [parts.instance] : [];
  const bounds = [...ceilings, ...firm, ...(onDemand === null ? [] : [onDemand])];
  return {
    on_demand_price: onDemand === null ? null : micros(onDemand + others),
    // What is asked for is never below today's price, whatever the sum's last digit.
    spot_max_price: bounds.length === 0 ? null : Math.max(parts.instance, micros(Math.min(...bounds))),
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
