import {
  CreatePlacementGroupCommand,
  DeletePlacementGroupCommand,
  DescribeInstancesCommand,
  DescribePlacementGroupsCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, refusal, startCloud } from './cloud/cloud.ts';

describe('placement groups', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud({ faults: { boot: 'never-running' } });
  });
  afterEach(async () => {
    await cloud.service.terminateAll();
    for (const GroupName of await names())
      await cloud.ec2.send(new DeletePlacementGroupCommand({ GroupName }));
  });
  afterAll(() => cloud.stop());

  const create = (input: object = {}) =>
    cloud.ec2.send(new CreatePlacementGroupCommand({ GroupName: 'ring', Strategy: 'cluster', ...input }));
  const describeGroups = async (input: object = {}) =>
    (await cloud.ec2.send(new DescribePlacementGroupsCommand(input))).PlacementGroups ?? [];
  const names = async (input: object = {}) =>
    (await describeGroups(input)).map(({ GroupName = '' }) => GroupName);
  const remove = (GroupName: string) => cloud.ec2.send(new DeletePlacementGroupCommand({ GroupName }));
  const launch = (input: object = {}, zone?: string) =>
    cloud.launch({ Placement: { GroupName: 'ring', ...(zone && { AvailabilityZone: zone }) }, ...input });
  const refused = async (call: Promise<unknown>) => {
    const { name, status, message } = await refusal(call);
    return `${status} ${name}: ${message}`;
  };
  const tagged = (deployment: string) => ({
    TagSpecifications: [
      { ResourceType: 'placement-group', Tags: [{ Key: 'sortie:deployment', Value: deployment }] },
    ],
  });

  it('are created with their tags, found by name and by filter, and deleted', async () => {
    const { PlacementGroup } = await create(tagged('mine'));
    expect(PlacementGroup).toEqual({
      GroupName: 'ring',
      GroupId: expect.stringMatching(/^pg-[0-9a-f]{17}$/),
      GroupArn: 'arn:aws:ec2:us-east-1:000000000000:placement-group/ring',
      Strategy: 'cluster',
      State: 'available',
      Tags: [{ Key: 'sortie:deployment', Value: 'mine' }],
    });
    await create({ GroupName: 'wide', Strategy: 'spread' });
    expect(await names()).toEqual(['ring', 'wide']);
    expect(await names({ GroupNames: ['wide'] })).toEqual(['wide']);
    const by = (Name: string, Value: string) => ({ Filters: [{ Name, Values: [Value] }] });
    expect(await names(by('tag:sortie:deployment', 'mine'))).toEqual(['ring']);
    expect(await names(by('group-name', 'w*'))).toEqual(['wide']);
    expect(await names(by('strategy', 'spread'))).toEqual(['wide']);
    await remove('wide');
    expect(await names()).toEqual(['ring']);
  });

  it('have a name of their own, which is there or not', async () => {
    await create();
    expect(await refused(create())).toBe(
      "400 InvalidPlacementGroup.Duplicate: The placement group 'ring' already exists.",
    );
    const unknown = "400 InvalidPlacementGroup.Unknown: The Placement Group 'gone' is unknown.";
    expect(await refused(remove('gone'))).toBe(unknown);
    expect(await refused(describeGroups({ GroupNames: ['ring', 'gone'] }))).toBe(unknown);
    expect(await refused(cloud.launch({ Placement: { GroupName: 'gone' } }))).toBe(unknown);
  });

  it.each([
    [{ GroupName: '' }, 'MissingParameter'],
    [{ GroupName: 'r\u00efng' }, 'InvalidParameterValue'],
    [{ GroupName: 'x'.repeat(256) }, 'InvalidParameterValue'],
    [{ Strategy: 'ring' }, 'InvalidParameterValue'],
    [{ TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a' }] }] }, 'InvalidParameterValue'],
    [{ DryRun: true }, 'DryRunOperation'],
  ])('%j is refused: %s', async (input, code) => {
    expect((await refusal(create(input))).name).toBe(code);
    expect(await names()).toEqual([]);
  });

  it('show on their instances, and are in use until the last has ended', async () => {
    await create();
    const [id = ''] = await launch();
    const seen = await cloud.ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'placement-group-name', Values: ['ring'] }] }),
    );
    expect(seen.Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceId: id,
      Placement: { GroupName: 'ring' },
    });
    expect(await refused(remove('ring'))).toBe(
      "400 InvalidPlacementGroup.InUse: The placement group 'ring' is in use and may not be deleted.",
    );
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await cloud.service.terminateAll();
    await remove('ring');
    expect(await names()).toEqual([]);
  });

  it('of a cluster are in one zone as long as they have an instance', async () => {
    await create();
    await launch({}, 'us-east-1b');
    expect(await refused(launch({}, 'us-east-1a'))).toBe(
      "400 InvalidPlacementGroup.InUse: The placement group 'ring' is in use in another availability zone: us-east-1b",
    );
    // Where the request names no zone, it is the group's.
    await launch();
    await cloud.service.terminateAll();
    await launch({}, 'us-east-1a');
    await create({ GroupName: 'wide', Strategy: 'spread' });
    for (const AvailabilityZone of ['us-east-1a', 'us-east-1b'])
      await cloud.launch({ Placement: { GroupName: 'wide', AvailabilityZone } });
  });

  it('of a cluster take no type that does not support them', async () => {
    await create();
    expect(await refused(launch({ InstanceType: 't4g.small' }))).toBe(
      "400 InvalidParameterCombination: Cluster placement groups are not supported by the 't4g.small' instance type. " +
        'Specify a supported instance type or change the placement group strategy, and try again.',
    );
  });

  it('are part of what a client token stands for', async () => {
    await create();
    const [first] = await launch({ ClientToken: 'once' });
    expect(await launch({ ClientToken: 'once' })).toEqual([first]);
    expect((await refusal(cloud.launch({ ClientToken: 'once' }))).name).toBe('IdempotentParameterMismatch');
  });
});
