import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeInstancesCommand, type Instance, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, refusal, startCloud, straysOf } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';

const script = (lines: string) => Buffer.from(`#!/bin/sh\n${lines}\n`).toString('base64');

describe('an instance', () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.stop());

  const states = (id: string) =>
    cloud.events
      .filter((event) => event.source === 'aws.ec2' && event.detail['instance-id'] === id)
      .map((event) => event.detail['state'] ?? event['detail-type']);
  const show = async (id: string): Promise<Instance | undefined> => {
    const { Reservations } = await cloud.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0];
  };
  const reaches = (id: string, state: string) => until(async () => (await show(id))?.State?.Name === state);
  const terminate = (InstanceIds: string[]) => cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds }));

  it('runs its user data once, in a home of its own, and has no Node on its PATH meanwhile', async () => {
    const lines =
      'env > "$SORTIE_HOME/env"; echo once >> "$SORTIE_HOME/runs"; node -p 6*7; echo $? > "$SORTIE_HOME/done"';
    const [id = ''] = await cloud.launch({ UserData: script(lines) });
    const home = join(cloud.data, 'instances', id);
    await until(
      () =>
        existsSync(join(home, 'sortie/done')) && readFileSync(join(home, 'sortie/done'), 'utf8') === '127\n',
    );

    const env = readFileSync(join(home, 'sortie/env'), 'utf8');
    expect(env).toContain(`HOME=${home}/home\n`);
    expect(env).toContain(`TMPDIR=${home}/tmp\n`);
    expect(env).toContain(`PATH=${home}/bin:`);
    expect(env).not.toContain('VITEST');
    expect(readFileSync(join(home, 'sortie/runs'), 'utf8')).toBe('once\n');
  });

  it('knows where the engine of the user’s own `docker` is', async () => {
    const DOCKER_HOST = 'unix:///run/user/1000/docker.sock';
    const other = await startCloud({ inherited: { PATH: `${process.env['PATH']}`, DOCKER_HOST } });
    try {
      const [id = ''] = await other.launch({ UserData: script('echo "$DOCKER_HOST" > "$SORTIE_HOME/host"') });
      const said = join(other.data, 'instances', id, 'sortie/host');
      await until(() => existsSync(said) && readFileSync(said, 'utf8') === `${DOCKER_HOST}\n`);
    } finally {
      await other.stop();
    }
  });

  it('goes from pending through running and shutting-down to terminated, with an event for each', async () => {
    const [id = ''] = await cloud.launch();
    await reaches(id, 'running');
    expect((await show(id))?.StateReason).toBeUndefined();
    expect(cloud.service.living()).toBe(1);
    const { TerminatingInstances } = await terminate([id]);
    expect(TerminatingInstances).toEqual([
      {
        InstanceId: id,
        CurrentState: { Code: 32, Name: 'shutting-down' },
        PreviousState: { Code: 16, Name: 'running' },
      },
    ]);
    await reaches(id, 'terminated');
    expect(cloud.service.living()).toBe(0);

    expect(await show(id)).toMatchObject({
      State: { Code: 48, Name: 'terminated' },
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
      StateTransitionReason: expect.stringMatching(/^User initiated \(/),
    });
    expect(states(id)).toEqual(['pending', 'running', 'shutting-down', 'terminated']);
    expect(existsSync(join(cloud.data, 'instances', id))).toBe(false);
    expect(straysOf(cloud.data)).toEqual([]);
  });

  it('is terminated no second time', async () => {
    const [id = ''] = await cloud.launch();
    await terminate([id]);
    await reaches(id, 'terminated');
    expect((await terminate([id])).TerminatingInstances?.[0]).toMatchObject({
      CurrentState: { Code: 48 },
      PreviousState: { Code: 48 },
    });
    expect(states(id).filter((state) => state === 'terminated')).toHaveLength(1);
  });

  it('is terminated together with the others of the call, or none is', async () => {
    const [id = ''] = await cloud.launch();
    await reaches(id, 'running');
    const call = terminate([id, 'i-00000000000000000']);
    expect(await refusal(call)).toMatchObject({ name: 'InvalidInstanceID.NotFound', status: 400 });
    expect(cloud.service.stateOf(id)).toBe('running');
  });

  it('ends as it was told to when it shuts itself down', async () => {
    const [ends = ''] = await cloud.launch({ UserData: script('shutdown -h now') });
    const [stops = ''] = await cloud.launch({
      UserData: script('shutdown now'),
      InstanceInitiatedShutdownBehavior: 'stop',
    });
    await reaches(ends, 'terminated');
    await reaches(stops, 'stopped');
    expect((await show(ends))?.StateReason).toEqual({
      Code: 'Client.InstanceInitiatedShutdown',
      Message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
    });
    expect(states(ends).slice(-2)).toEqual(['shutting-down', 'terminated']);
    expect(states(stops).slice(-2)).toEqual(['stopping', 'stopped']);
    expect(straysOf(cloud.data)).toEqual([]);
  });

  it('takes back a shutdown that was to come', async () => {
    const lines =
      'shutdown +1; shutdown -c; shutdown nonsense 2> "$SORTIE_HOME/said" || : > "$SORTIE_HOME/done"';
    const [id = ''] = await cloud.launch({ UserData: script(lines) });
    const home = join(cloud.data, 'instances', id);
    await until(() => existsSync(join(home, 'sortie/done')));
    expect(readFileSync(join(home, 'sortie/said'), 'utf8')).toContain('not a time: nonsense');
    expect(existsSync(join(home, 'shutdown.pending'))).toBe(false);
    expect(cloud.service.stateOf(id)).toBe('running');
  });

  it('that crashes is terminated, and EC2 says whose fault it was', async () => {
    const [id = ''] = await cloud.launch();
    await cloud.online([id]);
    const pid = Number(readFileSync(join(cloud.data, 'instances', id, 'agent.pid'), 'utf8'));
    await cloud.send([id], [`kill -9 ${pid}`]);
    await reaches(id, 'terminated');
    expect((await show(id))?.StateReason?.Code).toBe('Server.InternalError');
    expect(straysOf(cloud.data)).toEqual([]);
  });

  it('may never come up', async () => {
    cloud.faults.change({ boot: 'never-running' });
    const [id = ''] = await cloud.launch();
    cloud.faults.change({ boot: 'normal' });
    const [other = ''] = await cloud.launch();
    await reaches(other, 'running');
    expect(cloud.service.stateOf(id)).toBe('pending');
  });

  it('may fail to boot', async () => {
    cloud.faults.change({ boot: 'internal-error' });
    const [id = ''] = await cloud.launch();
    await reaches(id, 'terminated');
    expect((await show(id))?.StateReason).toEqual({
      Code: 'Server.InternalError',
      Message: 'Server.InternalError: Internal error on launch',
    });
  });

  it('on spot is warned before it is interrupted', async () => {
    cloud.faults.change({ spotWarningMs: 30 });
    const [spot = ''] = await cloud.launch({ InstanceMarketOptions: { MarketType: 'spot' } });
    const [ondemand = ''] = await cloud.launch();
    await reaches(spot, 'running');
    cloud.faults.change({ spotInterruptions: [spot, ondemand] });
    await reaches(spot, 'terminated');

    expect(states(spot)).toEqual([
      'pending',
      'running',
      'EC2 Spot Instance Interruption Warning',
      'shutting-down',
      'terminated',
    ]);
    expect((await show(spot))?.StateReason?.Code).toBe('Server.SpotInstanceTermination');
    expect(cloud.service.stateOf(ondemand)).toBe('running');
  });

  it('has its events in the envelope of EventBridge', async () => {
    const [id = ''] = await cloud.launch({ InstanceMarketOptions: { MarketType: 'spot' } });
    await reaches(id, 'running');
    cloud.faults.change({ spotInterruptions: [id] });
    const [pending, , warning] = cloud.events;
    expect(pending).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'EC2 Instance State-change Notification',
      source: 'aws.ec2',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: [`arn:aws:ec2:us-east-1:000000000000:instance/${id}`],
      detail: { 'instance-id': id, state: 'pending' },
    });
    expect(warning).toMatchObject({
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      resources: [expect.stringMatching(`^arn:aws:ec2:us-east-1[ab]:instance/${id}$`)],
      detail: { 'instance-id': id, 'instance-action': 'terminate' },
    });
  });
});
