import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  type Filter,
  type TagSpecification,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, refusal, startCloud } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';

describe('DescribeInstances', () => {
  let cloud: Cloud;
  let now = Date.now();
  let ids: string[];
  const describeBy = async (input: object): Promise<string[]> => {
    const { Reservations } = await cloud.ec2.send(new DescribeInstancesCommand(input));
    return (Reservations ?? []).flatMap(({ Instances }) =>
      (Instances ?? []).map(({ InstanceId }) => InstanceId ?? ''),
    );
  };
  const filtered = (...Filters: Filter[]) => describeBy({ Filters });

  beforeAll(async () => {
    cloud = await startCloud({ faults: { boot: 'never-running' }, now: () => now });
    const tags: TagSpecification[] = [{ ResourceType: 'instance', Tags: [{ Key: 'fleet', Value: 'a' }] }];
    ids = [
      ...(await cloud.launch({ MinCount: 4, MaxCount: 4, TagSpecifications: tags })),
      ...(await cloud.launch({ MinCount: 3, MaxCount: 3, InstanceType: 'm5.4xlarge', ClientToken: 'one' })),
    ];
  });
  afterAll(() => cloud.stop());

  it('shows all, under their reservations', async () => {
    const { Reservations } = await cloud.ec2.send(new DescribeInstancesCommand({}));
    expect(Reservations?.map(({ Instances }) => Instances?.length)).toEqual([4, 3]);
  });

  it('shows those named', async () => {
    expect(await describeBy({ InstanceIds: [ids[5], ids[0]] })).toHaveLength(2);
  });

  it.each<[string, Filter, readonly number[]]>([
    ['a tag', { Name: 'tag:fleet', Values: ['a'] }, [0, 1, 2, 3]],
    ['a tag by wildcard', { Name: 'tag:fleet', Values: ['?'] }, [0, 1, 2, 3]],
    ['a tag key', { Name: 'tag-key', Values: ['fl*'] }, [0, 1, 2, 3]],
    ['a tag that none has', { Name: 'tag:fleet', Values: ['b'] }, []],
    ['the type', { Name: 'instance-type', Values: ['m5.4xlarge'] }, [4, 5, 6]],
    ['the client token', { Name: 'client-token', Values: ['one'] }, [4, 5, 6]],
    [
      'the state, one of several',
      { Name: 'instance-state-name', Values: ['running', 'pending'] },
      [0, 1, 2, 3, 4, 5, 6],
    ],
    ['another state', { Name: 'instance-state-name', Values: ['terminated'] }, []],
  ])('filters by %s', async (_, filter, expected) => {
    expect((await filtered(filter)).sort()).toEqual(expected.map((index) => ids[index]).sort());
  });

  it('wants all filters to hold', async () => {
    const first = ids[0] ?? '';
    const byId = { Name: 'instance-id', Values: [first] };
    expect(await filtered(byId, { Name: 'tag:fleet', Values: ['a'] })).toEqual([first]);
    expect(await filtered(byId, { Name: 'tag:fleet', Values: ['b'] })).toEqual([]);
  });

  it('goes page by page', async () => {
    const first = await cloud.ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }));
    const second = await cloud.ec2.send(
      new DescribeInstancesCommand({ MaxResults: 5, NextToken: first.NextToken }),
    );
    const count = (page: typeof first) =>
      page.Reservations?.flatMap(({ Instances }) => Instances ?? []).length;
    expect([count(first), count(second)]).toEqual([5, 2]);
    expect(second.NextToken).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['an unknown id', { InstanceIds: ['i-00000000000000000'] }, 'InvalidInstanceID.NotFound'],
    ['a malformed id', { InstanceIds: ['i-nonsense'] }, 'InvalidInstanceID.Malformed'],
    ['an unknown filter', { Filters: [{ Name: 'colour', Values: ['red'] }] }, 'InvalidParameterValue'],
    ['too small a page', { MaxResults: 4 }, 'InvalidParameterValue'],
    [
      'ids together with a page',
      { InstanceIds: ['i-00000000000000000'], MaxResults: 5 },
      'InvalidParameterCombination',
    ],
    ['a foreign token', { NextToken: 'nonsense' }, 'InvalidParameterValue'],
  ])('refuses %s', async (_, input, code) => {
    expect(await refusal(describeBy(input))).toMatchObject({ name: code, status: 400 });
  });

  it('names every unknown instance', async () => {
    const { message } = await refusal(
      describeBy({ InstanceIds: ['i-00000000000000000', 'i-00000000000000001'] }),
    );
    expect(message).toBe("The instance IDs 'i-00000000000000000, i-00000000000000001' do not exist");
  });

  it('does not know a fresh instance yet, where told to be eventually consistent', async () => {
    cloud.faults.change({ instanceVisibleAfterMs: 1000 });
    now += 2000;
    const [fresh = ''] = await cloud.launch();
    expect(await refusal(describeBy({ InstanceIds: [fresh] }))).toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
    now += 1000;
    expect(await describeBy({ InstanceIds: [fresh] })).toEqual([fresh]);
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [fresh] }));
  });

  it('shows a terminated instance for an hour', async () => {
    const [ended = ''] = await cloud.launch();
    now += 1000;
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [ended] }));
    await until(() => cloud.service.stateOf(ended) === 'terminated');
    now += 3_599_000;
    expect(await describeBy({ InstanceIds: [ended] })).toEqual([ended]);
    now += 2000;
    expect(await refusal(describeBy({ InstanceIds: [ended] }))).toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
  });

  describe('CreateTags', () => {
    const tag = (Resources: string[], Key: string) =>
      cloud.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value: 'v' }] }));
    it('adds to the tags', async () => {
      await tag([ids[0] ?? ''], 'more');
      expect(
        await filtered({ Name: 'tag:more', Values: ['v'] }, { Name: 'tag:fleet', Values: ['a'] }),
      ).toEqual([ids[0]]);
    });
    it('tags all or none', async () => {
      const call = tag([ids[1] ?? '', 'i-00000000000000000'], 'none');
      expect(await refusal(call)).toMatchObject({ name: 'InvalidInstanceID.NotFound', status: 400 });
      expect(await filtered({ Name: 'tag-key', Values: ['none'] })).toEqual([]);
    });
    it('refuses what is no instance', async () => {
      expect(await refusal(tag(['vol-1'], 'x'))).toMatchObject({ name: 'InvalidID', status: 400 });
    });
  });
});
