import type { Bundle, Bundles, Sealed, SealRef } from '../../domain/job/bundles.ts';
import { RunId } from '../../domain/kernel/ids.ts';
import type { Instant } from '../../domain/kernel/instant.ts';

export interface MemoryBundles extends Bundles {
  /** What a runner gets by a link; undefined: nothing any more. */
  fetch(link: string): Bundle | undefined;
  readonly keys: () => readonly string[];
}

/** S3's pages have 1,000: small ones, so that reading on is tested. */
const SEALS_A_PAGE = 2;

/** The bucket in memory, behaving as the real one does: both pass test/infra/s3's contract. */
export function memoryBundles(now: () => Instant = Date.now): MemoryBundles {
  const objects = new Map<string, string>();
  const sealedAt = new Map<string, Instant>();
  const sealKey = ({ run, seal }: SealRef) => `runs/${run}/${seal}.json`;
  return {
    async seal(at, sealed) {
      objects.set(sealKey(at), JSON.stringify(sealed));
      sealedAt.set(sealKey(at), now());
    },
    async unseal(at) {
      const sealed = objects.get(sealKey(at));
      return sealed === undefined ? 'missing' : (JSON.parse(sealed) as Sealed);
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
    async eraseSeal(at) {
      objects.delete(sealKey(at));
    },
    async seals(from = '') {
      const keys = [...sealedAt.keys()].filter((key) => key > from && objects.has(key)).sort();
      const items = keys.slice(0, SEALS_A_PAGE).map((key) => {
        const [, run, seal = ''] = /^runs\/(.+)\/(.+)\.json$/.exec(key) ?? [];
        return { run: RunId.parse(run), seal, at: sealedAt.get(key) ?? 0 };
      });
      const last = keys[SEALS_A_PAGE - 1];
      return { items, ...(keys.length > SEALS_A_PAGE && last && { next: last }) };
    },
    fetch(link) {
      const stored = objects.get(link.slice('memory://'.length));
      return stored === undefined ? undefined : (JSON.parse(stored) as Bundle);
    },
    keys: () => [...objects.keys()],
  };
}
