import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_RATES } from '../../../domain/planning/price.ts';
import { startAws } from './aws.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const command = here('../../../infra/catalogue/refresh.ts');
const shipped = here('../../../infra/catalogue/us-east-1.json');

const RECORDING = {
  region: 'eu-north-1',
  priceAsOf: '2026-07-20',
  spotAsOf: '2025-07-28',
  currency: 'USD',
  instanceTypes: [
    {
      ...{
        instanceType: 't3.micro',
        arch: ['x86_64'],
        vcpus: 2,
        memoryMiB: 1024,
        onDemandUsdPerHour: 0.0108,
      },
      ...{ currentGeneration: true, bareMetal: false, burstable: true },
      zones: ['eu-north-1a', 'eu-north-1b'],
    },
    {
      ...{ instanceType: 'g5.xlarge', arch: ['x86_64'], vcpus: 4, memoryMiB: 16384, onDemandUsdPerHour: 1.1 },
      ...{ currentGeneration: true, bareMetal: false, burstable: false },
      zones: ['eu-north-1a', 'eu-north-1b'],
      spot: { savingsPercent: 57, interruptionBand: 4 },
      gpus: [{ manufacturer: 'NVIDIA', name: 'A10G', count: 1, memoryMiB: 22888 }],
    },
  ],
};

type Outcome = { code: number; stdout: string; stderr: string };

let folder: string;
let aws: Awaited<ReturnType<typeof startAws>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sortie-catalogue-'));
  aws = await startAws();
});
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true });
});

const refresh = (...args: string[]): Promise<Outcome> => refreshAs('test', ...args);

const refreshAs = (key: string, ...args: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const env = {
      AWS_ACCESS_KEY_ID: key,
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_MAX_ATTEMPTS: '1',
      AWS_ENDPOINT_URL: aws.url,
    };
    const done = (error: Error | null, stdout: string, stderr: string) =>
      resolve({ code: error && 'code' in error ? Number(error.code) : 0, stdout, stderr });
    execFile(process.execPath, [command, '--into', folder, ...args], { env }, done);
  });

describe('the command that refreshes the catalogue', () => {
  it('makes a catalogue from a recording', async () => {
    const recording = join(folder, 'recording.json');
    await writeFile(recording, JSON.stringify(RECORDING));
    const { code, stdout } = await refresh('--from', recording);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 types, 6 offerings'),
    });
    const file = JSON.parse(await readFile(join(folder, 'eu-north-1.json'), 'utf8'));
    expect(file).toEqual({
      region: 'eu-north-1',
      priceAsOf: '2026-07-20',
      spotAsOf: '2025-07-28',
      rates: DEFAULT_RATES,
      zones: [
        ['eu-north-1a', null],
        ['eu-north-1b', null],
      ],
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
      types: [
        'g5.xlarge|x86_64|4|16384|-|01|1.1|57%/4|1 nvidia 22888 A10G',
        't3.micro|x86_64|2|1024|bu|01|0.0108|-|-',
      ],
    });
  });

  it('asks EC2 and the Price List page by page, and adds the region to those that ship', async () => {
    await copyFile(shipped, join(folder, 'us-east-1.json'));
    const { stdout } = await refresh('--region', 'eu-west-1');
    expect(stdout).toContain('2 types, 5 offerings');
    const file = JSON.parse(await readFile(join(folder, 'eu-west-1.json'), 'utf8'));
    expect(file.types).toEqual([
      'm5.large|x86_64|2|8192|-|01|0.107|-,0.0401/?|-',
      'm5.metal|x86_64|2|8192|m|01|5.136|-|-',
    ]);
    expect(aws.asked.toSorted()).toEqual([
      'DescribeAvailabilityZones',
      'DescribeInstanceTypeOfferings',
      'DescribeInstanceTypes',
      'DescribeInstanceTypes',
      'DescribeSpotPriceHistory',
      'GetProducts eu-west-1 AmazonVPC',
      'GetProducts eu-west-1 CPU Credits',
      'GetProducts eu-west-1 Dedicated',
      'GetProducts eu-west-1 Shared',
      'GetProducts eu-west-1 Shared',
      'GetProducts eu-west-1 Storage',
    ]);
    expect(file.rates).toMatchObject({ diskGibMonth: 0.088, creditsVcpuHour: { arm64: 0.04 } });
    const module = await readFile(join(folder, 'shipped.ts'), 'utf8');
    expect(module).toContain("import euWest1 from './eu-west-1.json' with { type: 'json' };");
    expect(module).toContain("'us-east-1': usEast1,");
  });

  it('writes nothing and says what it needs when AWS refuses', async () => {
    const before = await readFile(join(folder, 'eu-west-1.json'), 'utf8');
    const { code, stderr } = await refreshAs('stranger', '--region', 'eu-west-1');
    expect(code).toBe(1);
    expect(stderr).toMatch(/AuthFailure|UnrecognizedClientException/);
    expect(stderr).toContain('pricing:GetProducts');
    expect(await readFile(join(folder, 'eu-west-1.json'), 'utf8')).toBe(before);
  });

  it('shows its usage when it is not told from where', async () => {
    const { code, stdout } = await refresh();
    expect(code).toBe(2);
    expect(stdout).toContain('--region eu-west-1');
  });
});
