import type { InstanceTypeInfo, InstanceTypeOffering } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RATES } from '../../../domain/planning/price.ts';
import { catalogueFromEc2, type Described } from '../../../infra/catalogue/from-ec2.ts';

/** As DescribeInstanceTypes answers, with the fields that nothing here reads left in. */
const g5: InstanceTypeInfo = {
  InstanceType: 'g5.xlarge',
  CurrentGeneration: true,
  FreeTierEligible: false,
  SupportedUsageClasses: ['on-demand', 'spot'],
  SupportedRootDeviceTypes: ['ebs'],
  BareMetal: false,
  Hypervisor: 'nitro',
  ProcessorInfo: { SupportedArchitectures: ['x86_64'], SustainedClockSpeedInGhz: 3.3, Manufacturer: 'AMD' },
  VCpuInfo: { DefaultVCpus: 4, DefaultCores: 2, DefaultThreadsPerCore: 2 },
  MemoryInfo: { SizeInMiB: 16_384 },
  GpuInfo: {
    Gpus: [{ Name: 'A10G', Manufacturer: 'NVIDIA', Count: 1, MemoryInfo: { SizeInMiB: 22_888 } }],
    TotalGpuMemoryInMiB: 22_888,
  },
  BurstablePerformanceSupported: false,
};

const offered = (InstanceType: string, ...zones: string[]): InstanceTypeOffering[] =>
  zones.map(
    (Location) => ({ InstanceType, LocationType: 'availability-zone', Location }) as InstanceTypeOffering,
  );

const spot = (AvailabilityZone: string, SpotPrice: string, at: string) => ({
  InstanceType: 'g5.xlarge' as const,
  ProductDescription: 'Linux/UNIX' as const,
  AvailabilityZone,
  SpotPrice,
  Timestamp: new Date(at),
});

const described = (given: Partial<Described> = {}): Described => ({
  region: 'eu-west-1',
  day: '2026-11-20',
  types: [g5],
  offerings: offered('g5.xlarge', 'eu-west-1b', 'eu-west-1a'),
  spotPrices: [],
  onDemand: new Map([['g5.xlarge', 1.123]]),
  ...given,
});

describe('a region as EC2 describes it', () => {
  it('becomes a catalogue, with its zones in order', () => {
    expect(catalogueFromEc2(described(), null)).toEqual({
      region: 'eu-west-1',
      priceAsOf: '2026-11-20',
      spotAsOf: null,
      rates: DEFAULT_RATES,
      types: [
        {
          name: 'g5.xlarge',
          architectures: ['x86_64'],
          vcpus: 4,
          memoryMib: 16_384,
          traits: [],
          zones: ['eu-west-1a', 'eu-west-1b'],
          onDemandPrice: 1.123,
          spot: null,
          gpu: { vendor: 'nvidia', name: 'A10G', count: 1, memoryMib: 22_888 },
        },
      ],
    });
  });

  it('has the latest spot price of each zone, and none where there is none', () => {
    const spotPrices = [
      spot('eu-west-1b', '0.500000', '2026-11-20T10:00:00Z'),
      spot('eu-west-1b', '0.600000', '2026-11-20T11:00:00Z'),
      spot('eu-west-1b', '0.400000', '2026-11-19T11:00:00Z'),
    ];
    const { types, spotAsOf } = catalogueFromEc2(described({ spotPrices }), null);
    expect(types[0]?.spot).toEqual({ pricing: { by: 'zone', prices: [null, 0.6] }, interruptionBand: null });
    expect(spotAsOf).toBe('2026-11-20');
  });

  it('keeps the interruption bands that were known, since EC2 does not tell them', () => {
    const spotPrices = [spot('eu-west-1a', '0.5', '2026-11-20T10:00:00Z')];
    const before = catalogueFromEc2(described({ spotPrices }), null);
    const known = before.types.map((type) => ({
      ...type,
      spot: { pricing: { by: 'saving' as const, percent: 50 }, interruptionBand: 3 },
    }));
    const after = catalogueFromEc2(described({ spotPrices }), { ...before, types: known });
    expect(after.types[0]?.spot).toEqual({
      pricing: { by: 'zone', prices: [0.5, null] },
      interruptionBand: 3,
    });
  });

  it('has no price for what is sold as capacity blocks alone, and no type that no zone offers', () => {
    const block: InstanceTypeInfo = { ...g5, SupportedUsageClasses: ['capacity-block'] };
    const spotPrices = [spot('eu-west-1a', '0.5', '2026-11-20T10:00:00Z')];
    const { types } = catalogueFromEc2(described({ types: [block], spotPrices }), null);
    expect(types[0]).toMatchObject({ onDemandPrice: null, spot: null });
    expect(catalogueFromEc2(described({ offerings: [] }), null).types).toEqual([]);
  });

  it('has mac, old, metal and burstable types as what they are, fractions of GPUs as 0, Gaudi as Intel’s', () => {
    const like = (InstanceType: string, more: Partial<InstanceTypeInfo>) =>
      ({ ...g5, GpuInfo: undefined, InstanceType, ...more }) as InstanceTypeInfo;
    const L4 = { Name: 'L4', Manufacturer: 'NVIDIA', Count: 0, LogicalGpuCount: 1, GpuPartitionSize: 0.125 };
    const gaudi = {
      Name: 'Gaudi HL-205',
      Manufacturer: 'Habana',
      Count: 8,
      MemoryInfo: { SizeInMiB: 32_768 },
    };
    const types = [
      like('mac2.metal', { BareMetal: true, ProcessorInfo: { SupportedArchitectures: ['arm64_mac'] } }),
      like('t1.micro', { CurrentGeneration: false, BurstablePerformanceSupported: true }),
      like('g6f.large', { GpuInfo: { Gpus: [{ ...L4, MemoryInfo: { SizeInMiB: 2861 } }] } }),
      like('dl1.24xlarge', { GpuInfo: { Gpus: [gaudi] } }),
    ];
    const offerings = types.flatMap((type) => offered(type.InstanceType ?? '', 'eu-west-1a'));
    expect(catalogueFromEc2(described({ types, offerings }), null).types).toMatchObject([
      { architectures: ['arm64_mac'], traits: ['bare-metal'], gpu: null },
      { traits: ['previous-generation', 'burstable'] },
      { gpu: { name: 'L4', count: 0, memoryMib: 2861 } },
      { gpu: { vendor: 'intel', name: 'Gaudi HL-205', count: 8 } },
    ]);
  });

  it('has what EC2 places in no cluster, by its own word', () => {
    const placed = (...SupportedStrategies: ('cluster' | 'partition' | 'spread')[]) => ({
      ...g5,
      PlacementGroupInfo: { SupportedStrategies },
    });
    const traits = (type: InstanceTypeInfo) =>
      catalogueFromEc2(described({ types: [type] }), null).types[0]?.traits;
    expect(traits(placed('cluster', 'partition', 'spread'))).toEqual([]);
    expect(traits(placed('partition', 'spread'))).toEqual(['unclustered']);
  });

  it('that lacks what a plan needs is refused by name', () => {
    expect(() => catalogueFromEc2(described({ types: [{ ...g5, VCpuInfo: {} }] }), null)).toThrow(
      'g5.xlarge without DefaultVCpus',
    );
  });
});
