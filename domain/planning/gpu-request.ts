import type { Machine, MachineGpu } from './candidate.ts';
import { outside, rangeText } from './gap.ts';
import { gpuKey } from './gpu.ts';
import type { GpuRequest } from './requirements.ts';

/** Distances for what has no ratio: the wrong model is nearer than none, the wrong vendor further than the wrong model. */
const wrong = { vendor: 8, model: 6, computeCapability: 4 };

/** How far a machine's GPUs are from those asked for; 0: they fit.
 *
 * As in dstack, a machine without GPU has 0 GPUs of 0 GB: it fits `0..` and `..80GB`, and no request that names a model,
 * a vendor, a compute capability or a least memory. A machine with GPUs fits a request for `0..`. */
export function gpuGap(asked: GpuRequest): (machine: Machine) => number {
  const names = asked.name && new Set(asked.name.map(gpuKey));
  return ({ gpu }) => {
    const count = devices(gpu, asked);
    const seen = count > 0 ? gpu : null;
    let gap = outside(count, asked.count);
    if (asked.vendor !== null && seen?.vendor !== asked.vendor) gap += wrong.vendor;
    if (names !== null && (seen === null || !names.has(seen.key))) gap += wrong.model;
    if (asked.compute_capability !== null && !reaches(seen, asked.compute_capability))
      gap += wrong.computeCapability;
    if (asked.memory !== null) gap += outside(seen?.nominalGib ?? 0, asked.memory);
    if (asked.total_memory !== null) gap += outside(count * (seen?.nominalGib ?? 0), asked.total_memory);
    return gap;
  };
}

/** A fraction (`g6f`, count 0) is not what a user means by "an L4". It stands for one GPU only where the request says how
 * much memory it takes at least, and then has to have it: `gpu: L4:3GB..` may get `g6f.large`, `gpu: L4` never does. */
function devices(gpu: MachineGpu | null, { memory, total_memory }: GpuRequest): number {
  if (gpu === null || gpu.count > 0) return gpu?.count ?? 0;
  return (memory?.min ?? 0) > 0 || (total_memory?.min ?? 0) > 0 ? 1 : 0;
}

function reaches(gpu: MachineGpu | null, [major, minor]: readonly [number, number]): boolean {
  const [has, hasMinor] = gpu?.computeCapability ?? [0, 0];
  return has > major || (has === major && hasMinor >= minor);
}

export function gpuRequestText(asked: GpuRequest): string {
  const parts = [
    asked.vendor,
    asked.name?.join(','),
    asked.memory && rangeText(asked.memory, 'GB'),
    rangeText(asked.count),
    asked.total_memory && `${rangeText(asked.total_memory, 'GB')} in total`,
    asked.compute_capability && `compute capability ${asked.compute_capability.join('.')}`,
  ];
  return parts.filter(Boolean).join(':');
}

export function gpuText(gpu: MachineGpu | null): string {
  if (gpu === null) return 'none';
  return gpu.count === 0
    ? `a fraction of ${gpu.name}, ${gpu.nominalGib}GB`
    : `${gpu.name}:${gpu.nominalGib}GB:${gpu.count}`;
}
