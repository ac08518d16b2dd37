import { readFileSync } from 'node:fs';
import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fateOf } from '../../../infra/local/ec2/ill-luck.ts';
import { chanceOf } from '../../../infra/local/wire/chance.ts';
import { createFaults } from '../../../infra/local/wire/faults.ts';
import { type Cloud, clientSettings, refusal, startCloud, straysOf } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';

const transient = expect.stringMatching(/^(InternalError|Unavailable)$/);

/** As proc(5) has it: S sleeps, T is stopped. */
const stateOf = (pid: number): string =>
  /\) (\S) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';

describe('ill luck', () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.stop());

  const reaches = (id: string, state: string) => until(() => cloud.service.stateOf(id) === state);
  const show = async (id: string) =>
    (await cloud.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations?.[0]
      ?.Instances?.[0];

  it("fails calls with EC2's own errors, and they have done nothing", async () => {
    cloud.faults.change({ failingCalls: { RunInstances: 1, TerminateInstances: 1 }, boot: 'never-running' });
    expect(await refusal(cloud.launch())).toMatchObject({ name: transient });
    expect((await cloud.ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
    cloud.faults.change({ failingCalls: { TerminateInstances: 1 } });
    const InstanceIds = await cloud.launch();
    const terminate = cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    expect(await refusal(terminate)).toMatchObject({ name: transient });
    expect(cloud.service.stateOf(InstanceIds[0] ?? '')).toBe('pending');
  });

  it('fails a call as often as the SDK tries it, and the next one not', async () => {
    const client = new EC2Client({ ...clientSettings, maxAttempts: 3, endpoint: cloud.endpoints.ec2 });
    const list = () => client.send(new DescribeInstancesCommand({}));
    // The first seed with which the first listing fails, and none of the next three.
    const fails = (seed: number, turn: number) => chanceOf(seed, 'DescribeInstances', turn) < 0.5;
    let seed = 1;
    while (!fails(seed, 1) || [2, 3, 4].some((turn) => fails(seed, turn))) seed += 1;
    cloud.faults.change({ seed, failingCalls: { DescribeInstances: 0.5 } });
    expect(await list().catch((error: Error) => error)).toMatchObject({
      name: transient,
      $metadata: { attempts: 3 },
    });
    expect((await list()).Reservations).toEqual([]);
    client.destroy();
  });

  it('stops whatever runs on a machine, which is still shown as running, until it is ended', async () => {
    const [id = ''] = await cloud.launch();
    await cloud.online([id]);
    await cloud.send([id], ['sleep 1000']);
    cloud.faults.change({ hung: [id], connectionLostAfterMs: 0 });
    await until(() => straysOf(cloud.data, id).every((pid) => stateOf(pid) === 'T'));
    await until(async () => {
      const nodes = await cloud.ssm.send(new DescribeInstanceInformationCommand({}));
      return nodes.InstanceInformationList?.[0]?.PingStatus === 'ConnectionLost';
    });
    expect((await show(id))?.State?.Name).toBe('running');
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await reaches(id, 'terminated');
    expect(straysOf(cloud.data, id)).toEqual([]);
  });

  it('keeps an agent from ever registering, on a machine that runs', async () => {
    cloud.faults.change({ boot: 'never-registers' });
    const [id = ''] = await cloud.launch();
    cloud.faults.change({ boot: 'normal' });
    await reaches(id, 'running');
    const other = await cloud.launch();
    await cloud.online(other);
    const send = cloud.ssm.send(
      new SendCommandCommand({
        DocumentName: 'test-run',
        InstanceIds: [id],
        Parameters: { commands: ['true'] },
      }),
    );
    expect(await refusal(send)).toMatchObject({ name: 'InvalidInstanceId' });
  });

  it('ends everything on a machine some time after its launch', async () => {
    cloud.faults.change({ boot: 'crashes', crashAfterMs: 0 });
    const [id = ''] = await cloud.launch();
    await reaches(id, 'terminated');
    expect((await show(id))?.StateReason?.Code).toBe('Server.InternalError');
  });

  it('leaves a machine without room for a job', async () => {
    cloud.faults.change({ boot: 'disk-full' });
    const [id = ''] = await cloud.launch();
    await cloud.online([id]);
    const command = await cloud.send([id], ['mkdir -p "$SORTIE_HOME/jobs/one"']);
    expect(await cloud.ended(command, id)).toMatchObject({ status: 'Failed' });
  });

  it('may be of one type only', async () => {
    cloud.faults.change({ bootOfType: { 'm5.large': 'internal-error' }, boot: 'never-running' });
    const [id = ''] = await cloud.launch();
    await reaches(id, 'terminated');
    const [other = ''] = await cloud.launch({ InstanceType: 'm5.4xlarge' });
    expect(cloud.service.stateOf(other)).toBe('pending');
  });
});

it('meets its share of the launches, the same ones for the same seed', () => {
  const shares = { crashes: 1 / 7, 'disk-full': 1 / 7 };
  const fates = (seed: number) =>
    Array.from({ length: 7_000 }, (_, number) =>
      fateOf('m5.large', number, createFaults({ seed, bootShares: shares }).current),
    );
  const counts = Map.groupBy(fates(3), (fate) => fate);
  for (const fate of ['crashes', 'disk-full'] as const)
    expect(Math.abs((counts.get(fate)?.length ?? 0) - 1_000)).toBeLessThan(150);
  expect(fates(3)).toEqual(fates(3));
  expect(fates(3)).not.toEqual(fates(4));
});
