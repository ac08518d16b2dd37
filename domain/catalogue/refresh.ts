import { HOUR, type Instant, iso } from '../kernel/instant.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { Catalogue, Content } from '../planning/catalogue.ts';
import {
  doubtAboutMachines,
  doubtAboutOnDemandPrices,
  doubtAboutRates,
  doubtAboutSpotPrices,
} from './doubts.ts';
import type { CatalogueShelf, RegionFacts } from './ports.ts';
import { withMachines, withOnDemandPrices, withRates, withSpotPrices } from './renew.ts';

export interface Refreshing {
  readonly region: string;
  readonly facts: RegionFacts;
  readonly shelf: CatalogueShelf;
  /** The one that Sortie was shipped with, if there is one of the region. */
  readonly shipped: Content | null;
  readonly runtime: Pick<Runtime, 'now'>;
}

/** A part that could not be read, or that cannot be right. The part stays as it was, with its age. */
export interface PartFailure {
  readonly part: 'instance types' | 'on-demand prices' | 'rates' | 'spot prices' | 'kept catalogue';
  readonly error: unknown;
}

export type Refreshed = {
  /** `null`: nothing was read that could be kept. */
  readonly written: { readonly version: string; readonly content: Content } | null;
  readonly failures: readonly PartFailure[];
};

/** A little less than a day: an hourly schedule is now and then a minute early. */
const FACTS_LIVE = 23.5 * HOUR;

/**
 * Reads again what is old, and keeps the result: spot prices each time, instance types, on-demand prices and rates once a day.
 * A part that fails, or that differs from the one before beyond belief, stays as it was, and so a catalogue is whole at
 * any time. `beyondBelief: 'taken'` is for an operator who has looked.
 */
export async function refreshCatalogue(
  { region, facts, shelf, shipped, runtime }: Refreshing,
  { beyondBelief = 'left' }: { readonly beyondBelief?: 'left' | 'taken' } = {},
): Promise<Refreshed> {
  const now = runtime.now();
  const failures: PartFailure[] = [];

  const renew: Renew = async (part, before, read, doubtAbout) => {
    try {
      const next = await read();
      const doubt = beyondBelief === 'taken' ? null : doubtAbout(next, before);
      if (doubt === null) return next;
      throw new Error(`not taken, since it cannot be right: ${doubt}`);
    } catch (error) {
      failures.push({ part, error });
      return null;
    }
  };

  let kept: Catalogue | null = null;
  try {
    const shelved = await shelf.read(null);
    if (shelved.kind === 'found') kept = shelved.catalogue;
  } catch (error) {
    // A damaged one is replaced. One that S3 does not give out for an outage cannot be written now either.
    failures.push({ part: 'kept catalogue', error });
  }

  const isOld = kept === null || now - Date.parse(kept.priceAsOf) >= FACTS_LIVE;
  const described = isOld ? await describe(region, facts, kept ?? shipped, now, renew) : null;
  const base = described ?? kept;
  if (base === null) return { written: null, failures };
  const spot = await renew(
    'spot prices',
    base,
    async () => withSpotPrices(base, await facts.spotPrices(now), iso(now)),
    doubtAboutSpotPrices,
  );
  const content = spot ?? base;
  if (content === kept) return { written: null, failures };
  return { written: { version: await shelf.write(content), content }, failures };
}

type Renew = (
  part: PartFailure['part'],
  before: Content | null,
  read: () => Promise<Content>,
  doubtAbout: (next: Content, before: Content | null) => string | null,
) => Promise<Content | null>;

/** Types, zones, on-demand prices and the rates beside them. `null`: there are no types, or none of them has ever had a price. */
async function describe(
  region: string,
  facts: RegionFacts,
  before: Content | null,
  now: Instant,
  renew: Renew,
): Promise<Content | null> {
  const [machines, prices, rates] = await Promise.allSettled([
    facts.machines(),
    facts.onDemandPrices(),
    facts.rates(),
  ]);
  const types = await renew(
    'instance types',
    before,
    async () => withMachines(region, before, valueOf(machines)),
    doubtAboutMachines,
  );
  if (types === null) return null;
  const priced = await renew(
    'on-demand prices',
    before,
    async () => withOnDemandPrices(types, valueOf(machines), valueOf(prices), iso(now)),
    doubtAboutOnDemandPrices,
  );
  const base = priced ?? (before === null ? null : types);
  if (base === null) return null;
  const day = iso(now).slice(0, 10);
  const rated = await renew(
    'rates',
    before,
    async () => withRates(base, valueOf(rates), day),
    doubtAboutRates,
  );
  return rated ?? base;
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}
