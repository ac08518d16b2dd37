import type { Gpu } from './catalogue.ts';

/** What a GPU is sold as, by `gpuKey`: sizes in GB, and NVIDIA's compute capability (developer.nvidia.com/cuda-gpus). */
type GpuFacts = { sizes: readonly number[]; computeCapability: readonly [number, number] | null };

const known: Readonly<Record<string, GpuFacts>> = {
  k80: { sizes: [12], computeCapability: [3, 7] },
  m60: { sizes: [8], computeCapability: [5, 2] },
  v100: { sizes: [16, 32], computeCapability: [7, 0] },
  t4: { sizes: [16], computeCapability: [7, 5] },
  t4g: { sizes: [16], computeCapability: [7, 5] },
  a100: { sizes: [40, 80], computeCapability: [8, 0] },
  a10g: { sizes: [24], computeCapability: [8, 6] },
  l4: { sizes: [24], computeCapability: [8, 9] },
  l40s: { sizes: [48], computeCapability: [8, 9] },
  h100: { sizes: [80], computeCapability: [9, 0] },
  h200: { sizes: [141], computeCapability: [9, 0] },
  b200: { sizes: [180], computeCapability: [10, 0] },
  gb200: { sizes: [186], computeCapability: [10, 0] },
  b300: { sizes: [288], computeCapability: [10, 3] },
  gb300: { sizes: [288], computeCapability: [10, 3] },
  rtxpro4500: { sizes: [32], computeCapability: [12, 0] },
  rtxpro6000: { sizes: [96], computeCapability: [12, 0] },
  radeonprov520: { sizes: [8], computeCapability: null },
  gaudi: { sizes: [32], computeCapability: null },
};

/** EC2's names for what users call otherwise. */
const aliases: Readonly<Record<string, string>> = {
  rtxproserver6000: 'rtxpro6000',
  v520: 'radeonprov520',
  gaudihl205: 'gaudi',
};

/** A GPU's name for comparison: letters and digits only, lower case, one per model. `RTX PRO Server 6000` is `rtxpro6000`. */
export function gpuKey(name: string): string {
  const key = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return aliases[key] ?? key;
}

/** [major, minor]; `null` for a GPU that is not NVIDIA's or not known. */
export const computeCapability = (name: string): readonly [number, number] | null =>
  known[gpuKey(name)]?.computeCapability ?? null;

/** Whether this GPU comes only beside an Arm processor: NVIDIA's Grace superchips, as dstack has it, and EC2's T4G. */
export const onlyWithArm = (name: string): boolean => /^(g[bh]\d|t4g$)/.test(gpuKey(name));

/** Of each GPU, in GB, as users ask for it.
 *
 * EC2 reports what the driver leaves: 22,888 MiB for the A10G and L4 that are sold, and asked for, as 24 GB. Like
 * dstack's catalogue, a size within 7 % of one the model is sold with is that one; any other is rounded to a whole GB.
 * Of a fraction, the halves, quarters and eighths of those sizes count too: `g6f.large`, 2,861 MiB, is 3 GB. */
export function nominalGib(gpu: Pick<Gpu, 'name' | 'count' | 'memoryMib'>): number {
  const reported = gpu.memoryMib / 1024;
  const shares = gpu.count === 0 ? [1, 2, 4, 8] : [1];
  const sold = (known[gpuKey(gpu.name)]?.sizes ?? []).flatMap((size) => shares.map((share) => size / share));
  const near = sold.filter((size) => Math.abs(size - reported) < 0.07 * size);
  const closest = near.sort((a, b) => Math.abs(a - reported) - Math.abs(b - reported))[0];
  return closest ?? Math.round(reported);
}
