import { readFileSync } from 'node:fs';

/** An instance type of us-east-1: a row of `ec2-us-east-1.tsv`, which `npm run test:corpus` compares with the recording. */
export interface Ec2Fact {
  readonly type: string;
  readonly architectures: readonly string[];
  readonly vcpus: number;
  readonly mib: number;
  readonly kinds: readonly ('previous' | 'metal' | 'burstable')[];
  readonly zones: readonly string[];
  /** On-demand, $/h, as of July 2026. */
  readonly price: number;
  /** Saving in %, and the spot advisor's interruption band 0 (<5 %) to 4 (>20 %). */
  readonly spot: { readonly saving: number; readonly band: number } | null;
  /** A count of 0 is a fraction of a GPU. */
  readonly gpu: {
    readonly count: number;
    readonly mib: number;
    readonly vendor: string;
    readonly name: string;
  } | null;
}

const rows = readFileSync(new URL('./ec2-us-east-1.tsv', import.meta.url), 'utf8').trimEnd().split('\n').slice(1);

export const ec2Facts: readonly Ec2Fact[] = rows.map((row) => {
  const [type = '', architectures = '', vcpus, mib, kinds = '', zones = '', price, spot = '', gpu = ''] =
    row.split('\t');
  return {
    type,
    architectures: architectures.split(','),
    vcpus: Number(vcpus),
    mib: Number(mib),
    kinds: kinds === '-' ? [] : (kinds.split(',') as Ec2Fact['kinds'][number][]),
    zones: Array.from(zones, (letter) => `us-east-1${letter}`),
    price: Number(price),
    spot: spotOf(spot),
    gpu: gpuOf(gpu),
  };
});

function spotOf(cell: string): Ec2Fact['spot'] {
  const [, saving, band] = /^(\d+)% band (\d)$/.exec(cell) ?? [];
  return saving === undefined ? null : { saving: Number(saving), band: Number(band) };
}

function gpuOf(cell: string): Ec2Fact['gpu'] {
  const [, count, mib, vendor = '', name = ''] = /^(\d+) × (\d+) (\S+) (.+)$/.exec(cell) ?? [];
  return count === undefined ? null : { count: Number(count), mib: Number(mib), vendor, name };
}
