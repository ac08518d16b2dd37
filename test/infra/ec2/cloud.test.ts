import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ec2Cloud } from '../../../infra/ec2/cloud.ts';
import type { Ec2CloudConfig } from '../../../infra/ec2/launch-request.ts';
import { memoryCloud } from '../../fakes/memory-cloud.ts';
import { createWorld } from '../../fakes/world.ts';
import { startProxy } from '../proxy.ts';
import { cloudContract } from './cloud-contract.ts';
import { credentials, type EmbeddedCloud, startEmbeddedCloud } from './embedded.ts';
import { intent } from './given-intent.ts';
import { usersTags } from './users-tags.ts';

const config: Ec2CloudConfig = {
  deployment: 'sortie-test',
  region: 'us-east-1',
  images: new Map([
    ['x86_64', 'ami-0123456789abcdef0'],
    ['nvidia', 'resolve:ssm:/images/nvidia'],
  ] as const),
  subnets: {},
  securityGroup: 'sg-0123456789abcdef0',
  nodeProfile: 'sortie-node',
  userData: ({ instance }) => `#!/bin/sh\n: ${instance}\n`,
  launchesPerSecond: 1_000,
  callsPerSecond: 1_000,
};

const adapter = (embedded: EmbeddedCloud, changes: Partial<Ec2CloudConfig> = {}) =>
  ec2Cloud(
    { ...config, ...changes },
    { now: () => 0, pause: async () => {} },
    {
      endpoint: embedded.ec2.endpoint,
      credentials,
      retryMode: 'standard',
      maxAttempts: 1,
      requestHandler: { requestTimeout: 500, throwOnRequestTimeout: true },
    },
  );

describe('the cloud in memory', () => {
  cloudContract(async () => {
    const world = createWorld(() => 0);
    const capacity = {
      class: 'capacity' as const,
      code: 'InsufficientInstanceCapacity',
      message: 'none left',
    };
    const quota = { class: 'quota' as const, code: 'VcpuLimitExceeded', message: 'your limit is 0' };
    const answers = {
      capacity: { kind: 'refused' as const, refusal: capacity },
      quota: { kind: 'refused' as const, refusal: quota },
      throttle: { kind: 'throttled' as const, code: 'RequestLimitExceeded' },
    };
    return {
      cloud: memoryCloud(world),
      refuse: (how) => {
        world.faults.refuse = () => answers[how];
      },
      loseReply: (call) => {
        world.faults.lostReplies[call] = 1;
      },
      throttleGroups: () => {
        world.faults.refuseGroup = answers.throttle;
      },
      takeBack: () => {
        world.faults.takeBack = {
          class: 'capacity',
          code: 'Server.InsufficientInstanceCapacity',
          message: 'There was insufficient capacity available to satisfy the launch request',
        };
      },
      tagsOf: async (ec2) => world.machine(ec2).tags,
      goDown: () => {
        world.faults.outage = new Set(['ec2']);
      },
      stop: async () => {},
    };
  });
});

describe('EC2 over the wire', () => {
  cloudContract(async () => {
    const embedded = await startEmbeddedCloud({ boot: 'never-running' });
    const faults = {
      capacity: { capacity: [{}] },
      quota: { vcpuQuota: { onDemand: { standard: 0 }, spot: {} } },
      throttle: { throttle: { RunInstances: { burst: 0.5, perSecond: 0 } } },
    };
    const replies = {
      launch: 'RunInstances',
      terminate: 'TerminateInstances',
      retag: 'CreateTags',
      createGroup: 'CreatePlacementGroup',
      deleteGroup: 'DeletePlacementGroup',
    };
    return {
      cloud: adapter(embedded),
      refuse: (how) => change(embedded, faults[how]),
      loseReply: (call) => change(embedded, { lostReplies: { [replies[call]]: 1 } }),
      throttleGroups: () =>
        change(embedded, { throttle: { CreatePlacementGroup: { burst: 0.5, perSecond: 0 } } }),
      takeBack: () => change(embedded, { boot: 'no-capacity' }),
      tagsOf: (ec2) => usersTags({ endpoint: embedded.ec2.endpoint, credentials }, ec2),
      goDown: () => change(embedded, { outage: ['ec2'] }),
      stop: embedded.stop,
    };
  });

  let embedded: EmbeddedCloud;
  const pauses: number[] = [];
  beforeAll(async () => {
    embedded = await startEmbeddedCloud({ boot: 'never-running' });
  });
  afterEach(() => {
    change(embedded, { unknownProfiles: [], lostReplies: {} });
    pauses.length = 0;
  });
  afterAll(() => embedded.stop());

  const profileKnownAfter = (calls: number) =>
    ec2Cloud(
      config,
      {
        now: () => 0,
        pause: async (milliseconds) => {
          pauses.push(milliseconds);
          if (pauses.length === calls) change(embedded, { unknownProfiles: [] });
        },
      },
      { endpoint: embedded.ec2.endpoint, credentials },
    );

  it('a profile that IAM has only just made is waited for', async () => {
    change(embedded, { unknownProfiles: ['sortie-node'] });
    expect(await profileKnownAfter(2).launch(intent(101))).toMatchObject({ kind: 'launched' });
    expect(pauses).toEqual([1_000, 2_000]);
  });

  it('one that is still unknown then may be asked for again: how long, the caller knows', async () => {
    change(embedded, { unknownProfiles: ['sortie-node'] });
    expect(await profileKnownAfter(99).launch(intent(102))).toMatchObject({
      kind: 'inconsistent',
      refusal: { code: 'InvalidParameterValue' },
    });
    expect(pauses).toHaveLength(4);
  });

  it('a placement group of that name that is not ours is refused, and not ours to delete or to list', async () => {
    const group = { id: 'gpu-taken', fleet: intent(1).fleet, tags: {} };
    const other = adapter(embedded, { deployment: 'sortie' });
    // Another deployment's, whose name and id happen to make the same.
    await other.createGroup({ ...group, id: 'test-gpu-taken' });
    expect(await adapter(embedded).createGroup(group)).toMatchObject({
      kind: 'refused',
      code: 'InvalidPlacementGroup.Duplicate',
    });
    expect(await adapter(embedded).listGroups()).toEqual([]);
    await other.deleteGroup('test-gpu-taken');
  });

  it('a type that EC2 places in no cluster is refused as an offer is: another may do', async () => {
    const group = { id: 'gpu-flex', fleet: intent(1).fleet, tags: {} };
    const cloud = adapter(embedded, {
      images: new Map([...config.images, ['arm64', 'ami-0123456789abcdef0']]),
    });
    await cloud.createGroup(group);
    const arm = { ...intent(1).offer.resources, arch: 'arm64' as const };
    const small = intent(109, { instance_type: 't4g.small', resources: arm });
    expect(await cloud.launch({ ...small, group: group.id })).toMatchObject({
      kind: 'refused',
      refusal: { class: 'capacity', code: 'InvalidParameterCombination' },
    });
  });

  it.each([
    ['free-tier', 'capacity', 'InvalidParameterCombination'],
    ['virtualization', 'capacity', 'InvalidParameterCombination'],
    ['ena', 'capacity', 'InvalidParameterCombination'],
    ['architecture', 'capacity', 'InvalidParameterValue'],
    ['unsupported', 'capacity', 'Unsupported'],
    ['unencrypted', 'capacity', 'EncryptedVolumesNotSupported'],
    ['no-default-subnet', 'network', 'InvalidInput'],
    ['denied', 'unclassified', 'UnauthorizedOperation'],
    ['undocumented', 'unclassified', 'InstanceTypeRetired'],
  ])('a refusal of one offer (%s) is of class %s: %s', async (kind, expected, code) => {
    change(embedded, { offers: [{ instanceType: 'm5.4xlarge', refusal: kind }] });
    const outcome = await adapter(embedded).launch(intent(140, { instance_type: 'm5.4xlarge' }));
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { class: expected, code } });
    change(embedded, { offers: [] });
  });

  it('a subnet that does not serve is passed over for the next of the zone', async () => {
    const cloud = adapter(embedded, { subnets: { 'us-east-1a': ['subnet-gone', 'subnet-us-east-1a'] } });
    const outcome = await cloud.launch(intent(103));
    expect(outcome).toMatchObject({ kind: 'launched' });
    expect(await cloud.launch(intent(103))).toEqual(outcome);
  });

  it('a launch whose reply was lost is found by its tag before another subnet is tried', async () => {
    change(embedded, { lostReplies: { RunInstances: 1 } });
    const subnets = { 'us-east-1a': ['subnet-gone', 'subnet-us-east-1a'] };
    await expect(adapter(embedded, { subnets }).launch(intent(104))).rejects.toThrow('is not known');
    // The first subnet has room again: the same intent must not launch there.
    const recovered = adapter(embedded, { subnets: { 'us-east-1a': ['subnet-us-east-1a', 'subnet-gone'] } });
    expect(await recovered.launch(intent(104))).toMatchObject({ kind: 'launched' });
    const ours = (await recovered.list()).filter(({ instance }) => instance === intent(104).instance);
    expect(ours).toHaveLength(1);
  });

  it('without a subnet that serves, or with none in the zone, the refusal is of the network', async () => {
    const none = adapter(embedded, { subnets: { 'us-east-1b': ['subnet-us-east-1b'] } });
    expect(await none.launch(intent(105))).toMatchObject({ refusal: { class: 'network', code: 'NoSubnet' } });
    const gone = adapter(embedded, { subnets: { 'us-east-1a': ['subnet-gone'] } });
    expect(await gone.launch(intent(105))).toMatchObject({
      refusal: { class: 'network', code: 'InvalidSubnetID.NotFound' },
    });
  });

  it('an image of one’s own is launched on its own root device, and with a disk as large as its snapshot', async () => {
    const mapped: string[] = [];
    let described = 0;
    const proxy = await startProxy(embedded.ec2.endpoint, {
      rewrite: ({ body }) => {
        const call = new URLSearchParams(body);
        if (call.get('Action') === 'DescribeImages') described++;
        const device = call.get('BlockDeviceMapping.1.DeviceName');
        if (device) mapped.push(`${device} ${call.get('BlockDeviceMapping.1.Ebs.VolumeSize')}`);
        return body;
      },
    });
    change(embedded, { images: { 'ami-00000000000000001': { root: '/dev/sda1', gib: 30 } } });
    const cloud = ec2Cloud(
      { ...config, images: new Map([['x86_64', 'ami-00000000000000001']]) },
      { now: () => 0, pause: async () => {} },
      { endpoint: proxy.endpoint, credentials },
    );
    const resources = (disk_gib: number) => ({ resources: { ...intent(1).offer.resources, disk_gib } });
    expect(await cloud.launch(intent(150, resources(10)))).toMatchObject({ kind: 'launched' });
    expect(await cloud.launch(intent(151, resources(100)))).toMatchObject({ kind: 'launched' });
    expect(mapped).toEqual(['/dev/sda1 30', '/dev/sda1 100']);
    expect(described).toBe(1);
    change(embedded, { images: {}, throttle: { DescribeImages: { burst: 0.5, perSecond: 0 } } });
    expect(await adapter(embedded).launch(intent(152))).toMatchObject({ kind: 'throttled' });
    change(embedded, { throttle: {} });
    await proxy.close();
  });

  it('an offer that no image fits is refused before EC2 is asked', async () => {
    const arm = intent(106, { resources: { ...intent(1).offer.resources, arch: 'arm64' } });
    expect(await adapter(embedded).launch(arm)).toMatchObject({
      refusal: { class: 'boot', code: 'NoImage' },
    });
  });

  it('another request under the same token is a bug, and thrown', async () => {
    await adapter(embedded).launch(intent(107));
    const other = adapter(embedded, { userData: () => '#!/bin/sh\n' });
    await expect(other.launch(intent(107))).rejects.toThrow('IdempotentParameterMismatch');
  });

  it('a refusal for capacity, a 5xx, is asked for once: the next offer does not wait for retries', async () => {
    let asked = 0;
    const proxy = await startProxy(embedded.ec2.endpoint, {
      rewrite: ({ body }) => {
        if (body.includes('Action=RunInstances')) asked++;
        return body;
      },
    });
    change(embedded, { capacity: [{ instanceType: 'm5.4xlarge' }] });
    const cloud = ec2Cloud(
      config,
      { now: () => 0, pause: async () => {} },
      { endpoint: proxy.endpoint, credentials },
    );
    const outcome = await cloud.launch(intent(108, { instance_type: 'm5.4xlarge' }));
    expect(outcome).toMatchObject({ refusal: { class: 'capacity', code: 'InsufficientInstanceCapacity' } });
    expect(asked).toBe(1);
    await proxy.close();
  });

  it('launches wait for their turn, and one that waits while another is throttled does not ask', async () => {
    let asked = 0;
    const proxy = await startProxy(embedded.ec2.endpoint, {
      rewrite: ({ body }) => {
        if (body.includes('Action=RunInstances')) asked++;
        return body;
      },
    });
    const turns: (() => void)[] = [];
    const paused: number[] = [];
    const runtime = {
      now: () => 0,
      pause: (milliseconds: number) => {
        paused.push(milliseconds);
        return new Promise<void>((resolve) => turns.push(resolve));
      },
    };
    const cloud = ec2Cloud({ ...config, launchesPerSecond: 2 }, runtime, {
      endpoint: proxy.endpoint,
      credentials,
    });
    const atOnce = await Promise.all([130, 131, 132, 133].map((n) => cloud.launch(intent(n))));
    expect(atOnce.every(({ kind }) => kind === 'launched')).toBe(true);
    change(embedded, { throttle: { RunInstances: { burst: 0.5, perSecond: 0 } } });
    const fifth = cloud.launch(intent(134));
    const sixth = cloud.launch(intent(135));
    expect(await fifth).toMatchObject({ kind: 'throttled' });
    for (const turn of turns) turn();
    expect(await sixth).toEqual({ kind: 'withheld' });
    expect(paused).toEqual([500]);
    expect(asked).toBe(5);
    change(embedded, { throttle: {} });
    await proxy.close();
  });

  it('the listing has every page, and nothing of other deployments', async () => {
    const proxy = await startProxy(embedded.ec2.endpoint, {
      rewrite: ({ body }) => body.replace('MaxResults=1000', 'MaxResults=5'),
      signs: credentials,
    });
    const cloud = ec2Cloud(
      { ...config, deployment: 'sortie-pages' },
      { now: () => 0, pause: async () => {} },
      { endpoint: proxy.endpoint, credentials },
    );
    for (let n = 110; n < 123; n++) await cloud.launch(intent(n));
    expect(new Set((await cloud.list()).map(({ instance }) => instance)).size).toBe(13);
    expect(await adapter(embedded, { deployment: 'sortie-nobody' }).list()).toEqual([]);
    await proxy.close();
  });
});

function change(embedded: EmbeddedCloud, faults: object) {
  const changed = embedded.faults.change(faults);
  if (!changed.ok) throw new Error(changed.error);
}
