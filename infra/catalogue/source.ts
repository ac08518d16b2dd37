import type { CatalogueShelf, CatalogueSource } from '../../domain/catalogue/ports.ts';
import { type Instant, MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import type { Runtime } from '../../domain/kernel/runtime.ts';
import { type PreparedCatalogue, prepareCatalogue, type Site } from '../../domain/planning/prepared.ts';
import { loadCatalogue } from './load.ts';

/**
 * How long a process goes by what it has read before it asks the bucket whether there is a newer one (a conditional GET
 * of some 15 ms). Prices change once an hour, so a plan is at most this much behind.
 */
const ASK_EVERY = 5 * MINUTE;

/** Until the first refresh of a new deployment, and while the bucket cannot be read, it is asked more often. */
const ASK_AGAIN = 15 * SECOND;

/**
 * The newest catalogue of a region: the one in the bucket, else the shipped one. A catalogue that was read once is good
 * for as long as the process lives, whatever happens to the bucket. `warn` hears why the bucket could not be read.
 */
export function catalogueSource(
  { region, site }: { readonly region: string; readonly site?: Site },
  shelf: Pick<CatalogueShelf, 'read'>,
  runtime: Pick<Runtime, 'now'>,
  warn: (error: Error) => void = () => {},
): CatalogueSource {
  let read: { readonly prepared: PreparedCatalogue; readonly etag: string } | null = null;
  let askAt: Instant = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;

  async function ask(): Promise<void> {
    try {
      const shelved = await shelf.read(read?.etag ?? null);
      if (shelved.kind === 'found')
        read = { prepared: prepareCatalogue(shelved.catalogue, 'refreshed', site), etag: shelved.etag };
      askAt = runtime.now() + (shelved.kind === 'none' ? ASK_AGAIN : ASK_EVERY);
    } catch (error) {
      warn(error instanceof Error ? error : new Error(String(error)));
      askAt = runtime.now() + ASK_AGAIN;
    }
  }

  return {
    async current() {
      if (runtime.now() >= askAt) {
        // Those who come meanwhile wait for the same answer.
        asking ??= ask().finally(() => {
          asking = null;
        });
        await asking;
      }
      return read?.prepared ?? loadCatalogue(region, site);
    },
  };
}
