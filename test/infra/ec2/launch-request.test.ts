import { describe, expect, it } from 'vitest';
import { launchRequest, placesIn } from '../../../infra/ec2/launch-request.ts';
import { intent } from './given-intent.ts';

const config = {
  deployment: 'sortie-test',
  region: 'us-east-1',
  images: new Map(),
  subnets: { 'us-east-1a': ['subnet-1', 'subnet-2'] },
  securityGroup: 'sg-1',
  nodeProfile: 'sortie-node',
  userData: ({ nonce }: { nonce: string }) => `#!/bin/sh\necho ${nonce}\n`,
  launchesPerSecond: 2,
  callsPerSecond: 20,
};
const image = { id: 'ami-1', root: '/dev/xvda', gib: 8 };
const request = (n: number, changes = {}, place: Parameters<typeof launchRequest>[3] = 'default-vpc') =>
  launchRequest(config, intent(n, changes), image, place);

describe('a launch request', () => {
  it('asks for one instance under the id as token, with IMDSv2 alone, and gone when it shuts down', () => {
    expect(request(1)).toMatchObject({
      MinCount: 1,
      MaxCount: 1,
      ClientToken: intent(1).instance,
      InstanceType: 'm5.large',
      ImageId: 'ami-1',
      SecurityGroupIds: ['sg-1'],
      IamInstanceProfile: { Name: 'sortie-node' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      InstanceInitiatedShutdownBehavior: 'terminate',
      Placement: { AvailabilityZone: 'us-east-1a' },
    });
    expect(Buffer.from(request(1).UserData ?? '', 'base64').toString()).toBe('#!/bin/sh\necho nonce-1\n');
  });

  it('is the same for the same intent, as its token promises', () => {
    expect(JSON.stringify(request(1))).toBe(JSON.stringify(request(1)));
  });

  it('tags the instance and its volumes; the user cannot take our names', () => {
    const given = { ...intent(1), tags: { team: 'research', 'sortie:nonce': 'forged', Name: 'mine' } };
    const { TagSpecifications = [] } = launchRequest(config, given, image, 'default-vpc');
    expect(TagSpecifications.map(({ ResourceType }) => ResourceType)).toEqual(['instance', 'volume']);
    for (const { Tags = [] } of TagSpecifications)
      expect(Object.fromEntries(Tags.map(({ Key = '', Value }) => [Key, Value]))).toEqual({
        team: 'research',
        'sortie:deployment': 'sortie-test',
        'sortie:instance': given.instance,
        'sortie:fleet': 'default',
        'sortie:nonce': 'nonce-1',
        Name: `sortie-default-${given.instance.slice(-6)}`,
      });
  });

  it('has the disk that was asked for, encrypted and gone with the instance, and never less than the image needs', () => {
    const disk = (
      gib: number,
      gpus: { vendor: string; name: string; count: number; memory_mib: number }[] = [],
    ) =>
      request(1, { resources: { ...intent(1).offer.resources, disk_gib: gib, gpus } })
        .BlockDeviceMappings?.[0];
    expect(disk(100)).toEqual({
      DeviceName: '/dev/xvda',
      Ebs: { VolumeSize: 100, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true },
    });
    expect(disk(99.5)?.Ebs?.VolumeSize).toBe(100);
    expect(disk(1)?.Ebs?.VolumeSize).toBe(8);
    expect(disk(1, [{ vendor: 'nvidia', name: 'L4', count: 1, memory_mib: 22_888 }])?.Ebs?.VolumeSize).toBe(
      75,
    );
  });

  it('asks for spot once, to be terminated when interrupted', () => {
    expect(request(1)).not.toHaveProperty('InstanceMarketOptions');
    expect(request(1, { spot: 'spot' }).InstanceMarketOptions).toEqual({
      MarketType: 'spot',
      SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
    });
  });

  it('tells EC2 how far spot’s price may rise, if so', () => {
    const options = (spot_max_price: number | null) =>
      request(1, { spot: 'spot', spot_max_price }).InstanceMarketOptions?.SpotOptions?.MaxPrice;
    expect([options(0.0141), options(12), options(null)]).toEqual(['0.014100', '12.000000', undefined]);
  });

  it('leaves no burstable instance to the account’s own mode of CPU credits', () => {
    const credits = (cpu_credits: 'standard' | 'unlimited' | null) =>
      request(1, { cpu_credits }).CreditSpecification;
    expect([credits('standard'), credits('unlimited'), credits(null)]).toEqual([
      { CpuCredits: 'standard' },
      { CpuCredits: 'unlimited' },
      undefined,
    ]);
  });

  it('names the placement group, in EC2’s words, beside zone or subnet', () => {
    const grouped = (place: Parameters<typeof launchRequest>[3]) =>
      launchRequest(config, { ...intent(1), group: 'gpu-0123abcd' }, image, place).Placement;
    const GroupName = 'sortie-test-gpu-0123abcd';
    expect(grouped('default-vpc')).toEqual({ AvailabilityZone: 'us-east-1a', GroupName });
    expect(grouped({ subnet: 'subnet-1', index: 0 })).toEqual({ GroupName });
  });

  it('names the subnet instead of the zone, with a token for each', () => {
    const [first, second] = placesIn(config, 'us-east-1a').map((place) => request(1, {}, place));
    expect(first).toMatchObject({ SubnetId: 'subnet-1', ClientToken: intent(1).instance });
    expect(second).toMatchObject({ SubnetId: 'subnet-2', ClientToken: `${intent(1).instance}-1` });
    expect(first).not.toHaveProperty('Placement');
    expect(placesIn(config, 'us-east-1b')).toEqual([]);
    expect(placesIn({ ...config, subnets: {} }, 'us-east-1b')).toEqual(['default-vpc']);
  });
});
