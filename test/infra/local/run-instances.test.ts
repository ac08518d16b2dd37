import {
  DescribeInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultsSchema } from '../../../infra/local/wire/faults.ts';
import { type Cloud, refusal, startCloud } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';

const base = {
  ImageId: 'ami-0123456789abcdef0',
  InstanceType: 'm5.large',
  MinCount: 1,
  MaxCount: 1,
} as const;
const quiet = faultsSchema.parse({ boot: 'never-running' });

describe('RunInstances', () => {
  let cloud: Cloud;
  const run = (input: object) => cloud.ec2.send(new RunInstancesCommand({ ...base, ...input }));
  const refused = (input: object) => refusal(run(input));
  const code = async (input: object) => {
    const { name, status } = await refused(input);
    return `${name} ${status}`;
  };
  beforeAll(async () => {
    cloud = await startCloud({ faults: quiet });
  });
  beforeEach(async () => {
    await cloud.service.terminateAll();
    cloud.faults.change(quiet);
  });
  afterAll(() => cloud.stop());

  it('answers with a pending instance that has what was asked for', async () => {
    const launched = await run({
      SubnetId: 'subnet-us-east-1b',
      SecurityGroupIds: ['sg-1'],
      ClientToken: 'shape',
      IamInstanceProfile: { Name: 'node' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'sortie:fleet', Value: 'a & <b>' }] },
        { ResourceType: 'volume', Tags: [{ Key: 'of', Value: 'volume' }] },
      ],
    });
    const [instance] = launched.Instances ?? [];

    expect(launched.ReservationId).toMatch(/^r-[0-9a-f]{17}$/);
    expect(launched.OwnerId).toBe('000000000000');
    expect(instance).toMatchObject({
      InstanceId: expect.stringMatching(/^i-[0-9a-f]{17}$/),
      State: { Code: 0, Name: 'pending' },
      InstanceType: 'm5.large',
      Placement: { AvailabilityZone: 'us-east-1b' },
      SubnetId: 'subnet-us-east-1b',
      PrivateIpAddress: expect.stringMatching(/^127(\.\d+){3}$/),
      ClientToken: 'shape',
      Architecture: 'x86_64',
      SecurityGroups: [{ GroupId: 'sg-1' }],
      IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/node' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      Tags: [{ Key: 'sortie:fleet', Value: 'a & <b>' }],
    });
    expect(instance?.LaunchTime).toBeInstanceOf(Date);
    expect(instance?.InstanceLifecycle).toBeUndefined();
  });

  it('launches several under one reservation, and spot instances as such', async () => {
    const spot = { MarketType: 'spot', SpotOptions: { MaxPrice: '0.05' } };
    const launched = await run({ MinCount: 2, MaxCount: 3, InstanceMarketOptions: spot });
    expect(launched.Instances?.map(({ AmiLaunchIndex }) => AmiLaunchIndex)).toEqual([0, 1, 2]);
    expect(new Set(launched.Instances?.map(({ PrivateIpAddress }) => PrivateIpAddress)).size).toBe(3);
    expect(launched.Instances?.[0]).toMatchObject({
      InstanceLifecycle: 'spot',
      SpotInstanceRequestId: expect.stringMatching(/^sir-/),
    });
  });

  it('takes an image by SSM parameter, and shows the image behind it', async () => {
    const launched = await run({ ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023' });
    expect(launched.Instances?.[0]?.ImageId).toMatch(/^ami-[0-9a-f]{17}$/);
  });

  describe('with a client token', () => {
    it('gives the same reservation to the same request', async () => {
      const first = await run({ ClientToken: 'same' });
      const again = await run({ ClientToken: 'same' });
      expect(again.ReservationId).toBe(first.ReservationId);
      expect(again.Instances?.[0]?.InstanceId).toBe(first.Instances?.[0]?.InstanceId);
    });
    it('refuses another request', async () => {
      await run({ ClientToken: 'other' });
      expect(await code({ ClientToken: 'other', InstanceType: 'm5.4xlarge' })).toBe(
        'IdempotentParameterMismatch 400',
      );
    });
    it('launches again in another zone: it is zonal when a subnet is given', async () => {
      const a = await run({ ClientToken: 'zonal', SubnetId: 'subnet-us-east-1a' });
      const b = await run({ ClientToken: 'zonal', SubnetId: 'subnet-us-east-1b' });
      expect(b.ReservationId).not.toBe(a.ReservationId);
    });
    it('refuses once the instance has been terminated', async () => {
      const first = await run({ ClientToken: 'ended' });
      const id = first.Instances?.[0]?.InstanceId ?? '';
      await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      await until(() => cloud.service.stateOf(id) === 'terminated');
      expect(await code({ ClientToken: 'ended' })).toBe('IdempotentInstanceTerminated 400');
    });
    it('is not used up by a refusal', async () => {
      cloud.faults.change({ capacity: [{ instanceType: 'm5.large' }] });
      expect(await code({ ClientToken: 'later' })).toBe('InsufficientInstanceCapacity 500');
      cloud.faults.change({ capacity: [] });
      expect((await run({ ClientToken: 'later' })).Instances).toHaveLength(1);
    });
  });

  describe('refuses', () => {
    const userData = (bytes: number) => Buffer.alloc(bytes, 'x').toString('base64');
    it.each<[string, object, string]>([
      ['an unknown type', { InstanceType: 'm5.huge' }, 'InvalidParameterValue 400'],
      [
        'a type that the zone lacks',
        { InstanceType: 'g4dn.xlarge', SubnetId: 'subnet-us-east-1a' },
        'Unsupported 400',
      ],
      ['an unknown subnet', { SubnetId: 'subnet-0123' }, 'InvalidSubnetID.NotFound 400'],
      ['an unknown zone', { Placement: { AvailabilityZone: 'eu-west-1a' } }, 'InvalidParameterValue 400'],
      ['a missing image', { ImageId: undefined }, 'MissingParameter 400'],
      ['a malformed image', { ImageId: 'debian' }, 'InvalidAMIID.Malformed 400'],
      ['a count of none', { MinCount: 0 }, 'InvalidParameterValue 400'],
      ['a minimum above the maximum', { MinCount: 2 }, 'InvalidParameterCombination 400'],
      ['too much user data', { UserData: userData(16_385) }, 'InvalidParameterValue 400'],
      ['user data that is not base64', { UserData: '#!/bin/sh' }, 'InvalidParameterValue 400'],
      ['a token that is too long', { ClientToken: 'x'.repeat(65) }, 'InvalidParameterValue 400'],
      [
        'an unknown market',
        { InstanceMarketOptions: { MarketType: 'futures' } },
        'InvalidParameterValue 400',
      ],
      ['a dry run', { DryRun: true }, 'DryRunOperation 412'],
      [
        'a parameter it does not know',
        { LaunchTemplate: { LaunchTemplateName: 'x' } },
        'UnknownParameter 400',
      ],
      [
        "a tag key of AWS's",
        { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'aws:x', Value: '' }] }] },
        'InvalidParameterValue 400',
      ],
      [
        'two places for a subnet',
        {
          SubnetId: 'subnet-us-east-1a',
          NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: 'subnet-us-east-1a' }],
        },
        'InvalidParameterCombination 400',
      ],
    ])('%s', async (_, input, expected) => {
      expect(await code(input)).toBe(expected);
      const { Reservations } = await cloud.ec2.send(
        new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['pending'] }] }),
      );
      expect(Reservations).toEqual([]);
    });

    it('with the zones that do have the type', async () => {
      const { message } = await refused({ InstanceType: 'm5.large', SubnetId: 'subnet-us-east-1e' });
      expect(message).toBe(
        'Your requested instance type (m5.large) is not supported in your requested Availability Zone (us-east-1e). ' +
          'Please retry your request by not specifying an Availability Zone or choosing us-east-1a, us-east-1b.',
      );
    });
    it('user data at the limit is not refused', async () => {
      expect((await run({ UserData: userData(16_384) })).Instances).toHaveLength(1);
    });
  });

  describe('without capacity', () => {
    it.each<[string, string]>([
      ['InsufficientInstanceCapacity', 'InsufficientInstanceCapacity 500'],
      ['InsufficientHostCapacity', 'InsufficientHostCapacity 500'],
      ['InsufficientReservedInstanceCapacity', 'InsufficientReservedInstanceCapacity 500'],
      ['UnfulfillableCapacity', 'UnfulfillableCapacity 500'],
      ['SpotMaxPriceTooLow', 'SpotMaxPriceTooLow 400'],
      ['ReservationCapacityExceeded', 'ReservationCapacityExceeded 400'],
    ])('says %s', async (fault, expected) => {
      cloud.faults.change({ capacity: [{ code: fault }] });
      expect(await code({})).toBe(expected);
    });
    it('in one zone launches in the other, unless the zone was named', async () => {
      cloud.faults.change({ capacity: [{ zone: 'us-east-1a' }] });
      expect((await run({})).Instances?.[0]?.Placement?.AvailabilityZone).toBe('us-east-1b');
      const { name, message } = await refused({ SubnetId: 'subnet-us-east-1a' });
      expect(name).toBe('InsufficientInstanceCapacity');
      expect(message).toContain('or choosing us-east-1b.');
    });
    it('for spot still launches on demand', async () => {
      cloud.faults.change({ capacity: [{ market: 'spot' }] });
      expect(await code({ InstanceMarketOptions: { MarketType: 'spot' } })).toBe(
        'InsufficientInstanceCapacity 500',
      );
      expect((await run({})).Instances).toHaveLength(1);
    });
  });

  describe('over a quota', () => {
    it('says VcpuLimitExceeded for the family, and not for another', async () => {
      cloud.faults.change({ vcpuQuota: { onDemand: { standard: 4 }, spot: {} } });
      await run({ MaxCount: 2 });
      const { name, message } = await refused({});
      expect(name).toBe('VcpuLimitExceeded');
      expect(message).toContain('your current vCPU limit of 4 allows');
      expect((await run({ InstanceType: 'g4dn.xlarge' })).Instances).toHaveLength(1);
    });
    it('launches as many as there is room for, down to the minimum', async () => {
      cloud.faults.change({ vcpuQuota: { total: 6, onDemand: {}, spot: {} } });
      expect((await run({ MinCount: 1, MaxCount: 9 })).Instances).toHaveLength(3);
    });
    it('says MaxSpotInstanceCountExceeded for spot', async () => {
      cloud.faults.change({ vcpuQuota: { onDemand: {}, spot: { standard: 0 } } });
      expect(await code({ InstanceMarketOptions: { MarketType: 'spot' } })).toBe(
        'MaxSpotInstanceCountExceeded 400',
      );
    });
    it('says InstanceLimitExceeded for the number of instances', async () => {
      cloud.faults.change({ instanceLimit: 1 });
      await run({});
      expect(await code({})).toBe('InstanceLimitExceeded 400');
    });
  });

  it('says that the instance profile is not known yet', async () => {
    cloud.faults.change({ unknownProfiles: ['fresh'] });
    const { name, message } = await refused({ IamInstanceProfile: { Name: 'fresh' } });
    expect(name).toBe('InvalidParameterValue');
    expect(message).toContain('Invalid IAM Instance Profile name');
  });
});
