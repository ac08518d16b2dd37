import { type Content, spotPrice } from '../planning/catalogue.ts';
import { DEFAULT_RATES } from '../planning/price.ts';

/** A half is gone at once only where an answer was cut short: EC2 adds some hundred types a year and retires few. */
const LEAST_SHARE = 0.5;
/** AWS changes on-demand prices rarely and by some percent. */
const MOST_CHANGE = 2;
/** gp3 is $0.08 in us-east-1 and $0.152 in sa-east-1, the dearest region. */
const MOST_RATE_CHANGE = 4;
/** The dearest type of 2026 is at $407/h (u7inh-32tb.480xlarge, us-east-1). */
const MOST_PER_HOUR = 5_000;

/** Why the new machines cannot be right; `null`: nothing speaks against them. */
export function doubtAboutMachines(next: Content, before: Content | null): string | null {
  if (next.zones.length === 0) return 'no zone';
  if (next.types.length === 0) return 'no instance type';
  return tooFew(next.types.length, before?.types.length ?? 0, 'instance types');
}

/** The same of on-demand prices. */
export function doubtAboutOnDemandPrices(next: Content, before: Content | null): string | null {
  const prices = pricesOf(next);
  const known = pricesOf(before);
  return (
    unlikely([...prices.values()]) ??
    (prices.size === 0 ? 'no price' : tooFew(prices.size, known.size, 'on-demand prices')) ??
    changedTooMuch(
      [...prices].flatMap(([name, price]) => {
        const was = known.get(name);
        return was === undefined ? [] : [price / was];
      }),
    )
  );
}

/** The same of the rates of disks, addresses and CPU credits. A region's differ from those of another by less than that. */
export function doubtAboutRates({ rates: next }: Content, before: Content | null): string | null {
  const was = before?.rates ?? DEFAULT_RATES;
  const pairs: readonly (readonly [what: string, next: number, was: number])[] = [
    ['a GiB of disk for a month', next.diskGibMonth, was.diskGibMonth],
    ['a public IPv4 address for an hour', next.ipv4Hour, was.ipv4Hour],
    ['CPU credits of x86_64', next.creditsVcpuHour.x86_64, was.creditsVcpuHour.x86_64],
    ['CPU credits of arm64', next.creditsVcpuHour.arm64, was.creditsVcpuHour.arm64],
  ];
  const wrong = pairs.find(
    ([, now, then]) => !(now > 0 && now <= MOST_RATE_CHANGE * then && now >= then / MOST_RATE_CHANGE),
  );
  return wrong === undefined ? null : `${wrong[0]} at $${wrong[1]} where it was at $${wrong[2]}`;
}

/** The same of spot prices, which may change by any factor. */
export function doubtAboutSpotPrices(next: Content, before: Content | null): string | null {
  const prices = spotPricesOf(next);
  if (prices.length === 0) return 'no price';
  return unlikely(prices) ?? tooFew(prices.length, spotPricesOf(before).length, 'spot prices');
}

function pricesOf(content: Content | null): ReadonlyMap<string, number> {
  const priced = (content?.types ?? []).flatMap(({ name, onDemandPrice }): [string, number][] =>
    onDemandPrice === null ? [] : [[name, onDemandPrice]],
  );
  return new Map(priced);
}

const spotPricesOf = (content: Content | null): number[] =>
  (content?.types ?? []).flatMap((type) => type.zones.flatMap((_, index) => spotPrice(type, index) ?? []));

function tooFew(now: number, before: number, what: string): string | null {
  return now >= before * LEAST_SHARE ? null : `${now} ${what} where there were ${before}`;
}

function unlikely(prices: readonly number[]): string | null {
  const wrong = prices.find((price) => !(price > 0 && price <= MOST_PER_HOUR));
  return wrong === undefined ? null : `a price of $${wrong}/h`;
}

function changedTooMuch(ratios: readonly number[]): string | null {
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 1;
  return median <= MOST_CHANGE && median >= 1 / MOST_CHANGE
    ? null
    : `prices ${median.toFixed(2)} times what they were, in the median`;
}
