import * as z from 'zod';
import { surplusVcpus } from './burstable.ts';
import { type ImageKind, volumeGib } from './image.ts';

const price = z.number().nonnegative();

/** The parts of an offer's price, each in $/h. Together they are what EC2 and EBS bill for the machine; traffic is not in it. */
export const PriceParts = z
  .object({
    instance: price,
    /** Its root volume, gp3. */
    disk: price,
    /** Its public address. */
    ipv4: price,
    /** Surplus CPU credits at full load, of a burstable type that was asked for as `unlimited`. */
    cpu_credits: price,
  })
  .meta({ id: 'PriceParts' });
export type PriceParts = z.infer<typeof PriceParts>;

/** Prices of a region beside those of its instance types, in $. */
export const Rates = z.object({
  /** The day they are of, `YYYY-MM-DD`. */
  asOf: z.iso.date(),
  /** gp3, of one GiB for a month. 3,000 IOPS and 125 MB/s are included, and no launch asks for more. */
  diskGibMonth: price,
  /** A public IPv4 address for an hour, in use or idle. */
  ipv4Hour: price,
  /** Surplus CPU credits, of one vCPU for an hour. */
  creditsVcpuHour: z.object({ x86_64: price, arm64: price }),
});
export type Rates = z.infer<typeof Rates>;

/**
 * us-east-1: https://aws.amazon.com/ebs/pricing/ (gp3, $0.08), https://aws.amazon.com/vpc/pricing/ (public IPv4, $0.005,
 * in all regions), https://aws.amazon.com/ec2/pricing/on-demand/ (T2, T3 and T3a unlimited $0.05 on Linux, T4g $0.04).
 */
export const DEFAULT_RATES: Rates = {
  asOf: '2026-07-20',
  diskGibMonth: 0.08,
  ipv4Hour: 0.005,
  creditsVcpuHour: { x86_64: 0.05, arm64: 0.04 },
};

// A month of AWS's pricing calculator.
const HOURS_A_MONTH = 730;

/** A request as far as the price beside the instance's depends on it. */
export interface Extras {
  readonly disk_gib: number;
  readonly cpu_credits: CpuCredits;
  readonly publicIpv4: boolean;
}

/**
 * How EC2 serves a burstable instance that has used up its CPU credits: `standard` slows it down to its baseline,
 * `unlimited` bills the surplus.
 */
export const cpuCredits = ['standard', 'unlimited'] as const;
export const CpuCredits = z.enum(cpuCredits);
export type CpuCredits = z.infer<typeof CpuCredits>;

interface Priced {
  readonly name: string;
  readonly arch: 'x86_64' | 'arm64';
  readonly vcpus: number;
  readonly image: ImageKind;
}

/** The parts of a price whose instance costs `instance` $/h. */
export function partsOf(
  instance: number,
  { name, arch, vcpus, image }: Priced,
  { disk_gib, cpu_credits, publicIpv4 }: Extras,
  rates: Rates,
): PriceParts {
  const surplus = cpu_credits === 'unlimited' ? surplusVcpus(name, vcpus) : 0;
  return {
    instance,
    disk: micros((volumeGib(disk_gib, image) * rates.diskGibMonth) / HOURS_A_MONTH),
    ipv4: publicIpv4 ? rates.ipv4Hour : 0,
    cpu_credits: micros(surplus * rates.creditsVcpuHour[arch]),
  };
}

export const instanceAlone = (instance: number): PriceParts => ({
  ...{ instance, disk: 0, ipv4: 0, cpu_credits: 0 },
});

export const sumOf = ({ instance, disk, ipv4, cpu_credits }: PriceParts): number =>
  micros(instance + disk + ipv4 + cpu_credits);

export const timesParts = (parts: PriceParts, factor: number): PriceParts => ({
  instance: micros(parts.instance * factor),
  disk: micros(parts.disk * factor),
  ipv4: micros(parts.ipv4 * factor),
  cpu_credits: micros(parts.cpu_credits * factor),
});

/** To EC2's six decimals. */
export const micros = (dollars: number): number => Math.round(dollars * 1e6) / 1e6;
