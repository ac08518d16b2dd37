import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeCatalogue } from '../../infra/catalogue/file.ts';
import { catalogueFromRecording } from '../../infra/catalogue/recorded.ts';
import { shipped } from '../../infra/catalogue/shipped.ts';
import { ec2Facts } from '../golden/ec2-facts.ts';
import { corpusPath, corpusText } from './data.ts';

const recording = JSON.parse(corpusText('ec2-catalog.us-east-1.json'));
const inRepository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test('the shipped catalogue of us-east-1 is the recording of EC2, fact by fact: all 1,345 types', () => {
  const converted = catalogueFromRecording(recording);
  const ours = decodeCatalogue(shipped['us-east-1']);
  expect(ours.types).toHaveLength(1345);
  expect(ours).toEqual({
    ...converted,
    version: ours.version,
    types: converted.types.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
});

test('the command that refreshes the catalogue makes the shipped file from the recording, byte for byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sortie-catalogue-'));
  try {
    const command = [inRepository('infra/catalogue/refresh.ts'), '--into', folder];
    const stdout = execFileSync(process.execPath, [
      ...command,
      '--from',
      corpusPath('ec2-catalog.us-east-1.json'),
    ]);
    expect(stdout.toString()).toContain('1345 types, 10561 offerings');
    expect(readFileSync(join(folder, 'us-east-1.json'), 'utf8')).toBe(
      readFileSync(inRepository('infra/catalogue/us-east-1.json'), 'utf8'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the golden facts that the tests of planning judge by are those of the recording', () => {
  expect(ec2Facts).toEqual(
    recording.instanceTypes.map((one: Recorded) => ({
      type: one.instanceType,
      architectures: one.arch,
      vcpus: one.vcpus,
      mib: one.memoryMiB,
      kinds: [
        ...(one.currentGeneration ? [] : ['previous']),
        ...(one.bareMetal ? ['metal'] : []),
        ...(one.burstable ? ['burstable'] : []),
      ],
      zones: one.zones,
      price: one.onDemandUsdPerHour,
      spot: one.spot ? { saving: one.spot.savingsPercent, band: one.spot.interruptionBand } : null,
      gpu:
        one.gpus?.map(({ count, memoryMiB, manufacturer, name }) => ({
          count,
          mib: memoryMiB,
          vendor: manufacturer,
          name,
        }))[0] ?? null,
    })),
  );
});

interface Recorded {
  readonly instanceType: string;
  readonly arch: readonly string[];
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly currentGeneration: boolean;
  readonly bareMetal: boolean;
  readonly burstable: boolean;
  readonly zones: readonly string[];
  readonly onDemandUsdPerHour: number;
  readonly spot?: { readonly savingsPercent: number; readonly interruptionBand: number };
  readonly gpus?: readonly {
    readonly manufacturer: string;
    readonly name: string;
    readonly count: number;
    readonly memoryMiB: number;
  }[];
}
