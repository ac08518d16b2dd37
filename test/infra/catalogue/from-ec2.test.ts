import type { AvailabilityZone, InstanceTypeInfo, InstanceTypeOffering } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { machinesFrom, spotPricesFrom } from '../../../infra/catalogue/from-ec2.ts';

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

const zone = (ZoneName: string, ZoneId: string, ZoneType = 'availability-zone'): AvailabilityZone => ({
  ...{ ZoneName, ZoneId, ZoneType },
});
const zones = [zone('eu-west-1b', 'euw1-az1'), zone('eu-west-1a', 'euw1-az3')];

const from = (
  types: readonly InstanceTypeInfo[],
  offerings = types.flatMap(({ InstanceType = '' }) => offered(InstanceType, 'eu-west-1b', 'eu-west-1a')),
) => machinesFrom(zones, types, offerings);

describe('a region as EC2 describes it', () => {
  it('has its types and zones in order', () => {
    expect(from([g5])).toEqual({
      zones: [
        { name: 'eu-west-1a', id: 'euw1-az3' },
        { name: 'eu-west-1b', id: 'euw1-az1' },
      ],
      types: [
        {
          name: 'g5.xlarge',
          architectures: ['x86_64'],
          vcpus: 4,
          memoryMib: 16_384,
          traits: [],
          zones: ['eu-west-1a', 'eu-west-1b'],
          gpu: { vendor: 'nvidia', name: 'A10G', count: 1, memoryMib: 22_888 },
          onDemand: 'sold on demand',
        },
      ],
    });
  });

  it('leaves out Local Zones and Wavelength Zones that the account has opted in to, and types that no zone offers', () => {
    const more = [
      zone('eu-west-1-lon-1a', 'euw1-lon1-az1', 'local-zone'),
      zone('eu-west-1-wl1-lon-wlz-1', 'euw1-wl1-lon-wlz1', 'wavelength-zone'),
    ];
    const t3 = { ...g5, InstanceType: 't3.medium' as const };
    const offerings = [
      ...offered('g5.xlarge', 'eu-west-1a', 'eu-west-1-lon-1a'),
      ...offered('t3.medium', 'eu-west-1-lon-1a'),
    ];
    const machines = machinesFrom([...more, ...zones], [g5, t3], offerings);
    expect(machines.zones.map(({ name }) => name)).toEqual(['eu-west-1a', 'eu-west-1b']);
    expect(machines.types).toMatchObject([{ name: 'g5.xlarge', zones: ['eu-west-1a'] }]);
  });

  it('tells what is sold as capacity blocks alone', () => {
    expect(from([{ ...g5, SupportedUsageClasses: ['capacity-block'] }]).types).toMatchObject([
      { onDemand: 'not sold on demand' },
    ]);
  });

  it('has mac, old, metal and burstable types as such, fractions of GPUs as 0, Gaudi as Intel’s', () => {
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
    expect(from(types).types).toMatchObject([
      { architectures: ['arm64_mac'], traits: ['bare-metal'], gpu: null },
      { traits: ['previous-generation', 'burstable'] },
      { gpu: { name: 'L4', count: 0, memoryMib: 2861 } },
      { gpu: { vendor: 'intel', name: 'Gaudi HL-205', count: 8 } },
    ]);
  });

  it('says which types EC2 places in no cluster', () => {
    const placed = (...SupportedStrategies: ('cluster' | 'partition' | 'spread')[]) => ({
      ...g5,
      PlacementGroupInfo: { SupportedStrategies },
    });
    const traits = (type: InstanceTypeInfo) => from([type]).types[0]?.traits;
    expect(traits(placed('cluster', 'partition', 'spread'))).toEqual([]);
    expect(traits(placed('partition', 'spread'))).toEqual(['unclustered']);
  });

  it('that lacks a field which a plan needs is refused with its name', () => {
    expect(() => from([{ ...g5, VCpuInfo: {} }])).toThrow('g5.xlarge without DefaultVCpus');
  });
});

describe('the history of spot prices', () => {
  const spot = (AvailabilityZone: string, SpotPrice: string, at: string) => ({
    InstanceType: 'g5.xlarge' as const,
    ProductDescription: 'Linux/UNIX' as const,
    AvailabilityZone,
    SpotPrice,
    Timestamp: new Date(at),
  });

  it('gives the latest price of each type and zone, in whatever order it comes', () => {
    const prices = spotPricesFrom([
      spot('eu-west-1b', '0.500000', '2026-11-20T10:00:00Z'),
      spot('eu-west-1b', '0.600000', '2026-11-20T11:00:00Z'),
      spot('eu-west-1b', '0.400000', '2026-11-19T11:00:00Z'),
      spot('eu-west-1a', '0.000000', '2026-11-19T11:00:00Z'),
    ]);
    expect(prices).toEqual(new Map([['g5.xlarge', new Map([['eu-west-1b', 0.6]])]]));
  });
});
