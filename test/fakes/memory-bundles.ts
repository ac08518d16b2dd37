import type { Bundle, Bundles, Sealed } from '../../domain/job/bundles.ts';

export interface MemoryBundles extends Bundles {
  /** What a runner gets by a link; undefined: nothing any more. */
  fetch(link: string): Bundle | undefined;
  readonly keys: () => readonly string[];
}

/** The bucket in memory, behaving as the real one does: both pass test/infra/s3's contract. */
export function memoryBundles(): MemoryBundles {
  const objects = new Map<string, string>();
  const sealKey = (run: string) => `runs/${run}/sealed.json`;
  return {
    async seal(run, sealed) {
      objects.set(sealKey(run), JSON.stringify(sealed));
    },
    async unseal(run) {
      const sealed = objects.get(sealKey(run));
      if (sealed === undefined) throw new Error(`run ${run}: its environment is not in the bucket`);
      return JSON.parse(sealed) as Sealed;
    },
    async put(key, bundle) {
      objects.set(key, JSON.stringify(bundle));
    },
    async link(key) {
      return `memory://${key}`;
    },
    async eraseBundle(key) {
      objects.delete(key);
    },
    async eraseSeal(run) {
      objects.delete(sealKey(run));
    },
    fetch(link) {
      const stored = objects.get(link.slice('memory://'.length));
      return stored === undefined ? undefined : (JSON.parse(stored) as Bundle);
    },
    keys: () => [...objects.keys()],
  };
}
