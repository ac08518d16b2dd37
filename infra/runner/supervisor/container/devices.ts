import { execFileSync } from 'node:child_process';
import { unreachable } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';

/** DRM numbers its render nodes from here. */
const FIRST_RENDER_NODE = 128;

/** GPUs as each vendor's tools need them in a container. */
export function deviceArguments(engine: 'docker' | 'podman', gpus: BundledContainer['gpus']): string[] {
  if (gpus === null) return [];
  const { vendor, indices } = gpus;
  switch (vendor) {
    case 'nvidia':
      // Podman knows NVIDIA's by CDI. The quotes are Docker's own: its flag is read as CSV.
      if (engine === 'podman') return (indices ?? ['all']).map((index) => `--device=nvidia.com/gpu=${index}`);
      return [indices === null ? '--gpus=all' : `--gpus="device=${indices.join(',')}"`];
    case 'amd':
      return [
        '--device=/dev/kfd',
        ...(indices === null
          ? ['--device=/dev/dri']
          : indices.map((index) => `--device=/dev/dri/renderD${FIRST_RENDER_NODE + index}`)),
        // By number: the groups' names need not be known in the image.
        ...['video', 'render'].flatMap((group) => groupNumber(group).map((gid) => `--group-add=${gid}`)),
      ];
    case 'other':
      return [];
    default:
      return unreachable(vendor);
  }
}

function groupNumber(name: string): string[] {
  try {
    const entry = execFileSync('getent', ['group', name], { stdio: ['ignore', 'pipe', 'ignore'] });
    return entry.toString().split(':').slice(2, 3);
  } catch {
    return [];
  }
}
