/**
 * The images that instance types boot from, by the software they need. A deployment names an AMI for each kind that it has
 * (`SORTIE_IMAGES`), and by default for those that AWS publishes: the first four. `needs` completes "no image …".
 */
const needs = {
  x86_64: 'for x86_64',
  arm64: 'for arm64',
  nvidia: 'with NVIDIA’s open driver',
  'nvidia-arm64': 'with NVIDIA’s open driver for arm64',
  'nvidia-proprietary': 'with NVIDIA’s proprietary driver, which its GPUs need',
  'nvidia-grid': 'with NVIDIA’s GRID driver, which a fraction of a GPU needs',
  amd: 'with AMD’s GPU driver',
  gaudi: 'with the driver of Intel’s Gaudi',
  neuron: 'with AWS’s Neuron driver',
  fpga: 'with the driver of its FPGAs',
  'media-accelerator': 'with the driver of its media accelerators',
  qualcomm: 'with the driver of Qualcomm’s accelerators',
  graviton1: 'for the first Graviton',
  paravirtual: 'for paravirtual types',
  tiny: 'for less than 1 GiB of memory',
} as const;
export type ImageKind = keyof typeof needs;
export const imageKinds = Object.keys(needs) as readonly ImageKind[];

export const imageNeeded = (kind: ImageKind): string => needs[kind];

interface Booted {
  readonly name: string;
  readonly arch: 'x86_64' | 'arm64';
  readonly memoryMib: number;
  readonly vendor: string | null;
}

/**
 * What AWS's Deep Learning Base OSS Nvidia Driver AMI for Amazon Linux 2023 supports, by its release notes (DLAMI developer
 * guide; the driver is 595, which G7 needs at least). Not P2, P3, P3dn and G3, whose GPUs the open driver does not know.
 */
const openDriver = {
  x86_64: /^(g4dn|g5|g6|gr6|g6e|g7|g7e|p4d|p4de|p5|p5e|p5en|p6-b200|p6-b300)\./,
  arm64: /^(g5g|p6e-gb200|p6e-gb300)\./,
};

/**
 * EC2's accelerators beside GPUs, which its API does not list as such (EC2 user guide, "Accelerated computing"), and types
 * that Amazon Linux 2023 does not run on: AL2023 user guide, "System requirements" (no A1); EC2 user guide, "Linux AMI
 * virtualization types" (T1, M1, M2 and C1 have paravirtual AMIs alone).
 */
const byFamily: readonly (readonly [RegExp, ImageKind])[] = [
  [/^(inf|trn)\d/, 'neuron'],
  [/^dl1\./, 'gaudi'],
  [/^dl2q\./, 'qualcomm'],
  [/^f\d/, 'fpga'],
  [/^vt1\./, 'media-accelerator'],
  [/^a1\./, 'graviton1'],
  [/^(t1|m1|m2|c1)\./, 'paravirtual'],
];

// AL2023 boots with 512 MiB; beside it, the SSM agent and the runner leave a job nothing.
const LEAST_MEMORY_MIB = 1024;

/** The kind of image that an instance type boots. */
export function imageKindOf({ name, arch, memoryMib, vendor }: Booted): ImageKind {
  const special = byFamily.find(([family]) => family.test(name))?.[1];
  if (special !== undefined) return special;
  switch (vendor) {
    case null:
      return memoryMib < LEAST_MEMORY_MIB ? 'tiny' : arch;
    case 'nvidia':
      if (/^gr?6f\./.test(name)) return 'nvidia-grid';
      if (!openDriver[arch].test(name)) return 'nvidia-proprietary';
      return arch === 'x86_64' ? 'nvidia' : 'nvidia-arm64';
    case 'amd':
      return 'amd';
    default:
      return 'gaudi';
  }
}

/** GiB that the snapshots of AWS's images take: 8 for Amazon Linux 2023, 75 with NVIDIA's driver and CUDA. */
const smallestGib = (kind: ImageKind): number => (kind.startsWith('nvidia') ? 75 : 8);

/** GiB of the root volume that is made for a request of so many: at least what the image takes. */
export const volumeGib = (asked: number, kind: ImageKind): number =>
  Math.max(Math.ceil(asked), smallestGib(kind));
