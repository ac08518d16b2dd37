import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentPath } from '../../../infra/local/instance/protocol.ts';
import { faultsPath } from '../../../infra/local/wire/faults.ts';
import { type Cloud, clientSettings, credentials, refusal, startCloud } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';
import { signedFetch } from './fixtures/signed-fetch.ts';

const launch = {
  ImageId: 'ami-0123456789abcdef0',
  InstanceType: 'm5.large',
  MinCount: 1,
  MaxCount: 1,
} as const;

describe('a fault', () => {
  let cloud: Cloud;
  let now: number;
  beforeEach(async () => {
    now = Date.now();
    cloud = await startCloud({ now: () => now });
  });
  afterEach(async () => {
    cloud.faults.change({ outage: [] });
    await cloud.stop();
  });

  const running = async () =>
    (await cloud.ec2.send(new DescribeInstancesCommand({}))).Reservations?.flatMap(
      ({ Instances }) => Instances ?? [],
    ) ?? [];
  const send = (InstanceIds: string[], TimeoutSeconds = 3600) =>
    cloud.ssm.send(
      new SendCommandCommand({
        DocumentName: 'test-run',
        InstanceIds,
        TimeoutSeconds,
        Parameters: { commands: ['true'] },
      }),
    );
  const ping = async () =>
    (await cloud.ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList?.map(
      ({ PingStatus }) => PingStatus,
    );

  describe('lost reply', () => {
    it('to RunInstances: the work is done, and the token finds it', async () => {
      cloud.faults.change({ lostReplies: { RunInstances: 1 }, boot: 'never-running' });
      const call = () => cloud.ec2.send(new RunInstancesCommand({ ...launch, ClientToken: 'lost' }));
      expect((await refusal(call())).status).toBe(0);
      const found = await call();
      expect((await running()).map(({ InstanceId }) => InstanceId)).toEqual([
        found.Instances?.[0]?.InstanceId,
      ]);
    });
    it('to TerminateInstances: the instance ends', async () => {
      cloud.faults.change({ lostReplies: { TerminateInstances: 1 }, boot: 'never-running' });
      const InstanceIds = await cloud.launch();
      expect((await refusal(cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds })))).status).toBe(0);
      await until(async () => (await running())[0]?.State?.Name === 'terminated');
    });
    it('to SendCommand: the command runs', async () => {
      const ids = await cloud.launch();
      await cloud.online(ids);
      cloud.faults.change({ lostReplies: { SendCommand: 1 } });
      expect((await refusal(send(ids))).status).toBe(0);
      await until(async () => {
        const { CommandInvocations } = await cloud.ssm.send(new ListCommandInvocationsCommand({}));
        return CommandInvocations?.[0]?.Status === 'Success';
      });
    });
  });

  describe('throttling', () => {
    it('lets a burst through, then as many as the bucket refills', async () => {
      cloud.faults.change({ boot: 'never-running', throttle: { RunInstances: { burst: 2, perSecond: 2 } } });
      await cloud.launch();
      await cloud.launch();
      expect(await refusal(cloud.launch())).toMatchObject({ name: 'RequestLimitExceeded', status: 503 });
      now += 500;
      await cloud.launch();
      expect(await refusal(cloud.launch())).toMatchObject({ name: 'RequestLimitExceeded', status: 503 });
    });
    it('counts instances in a bucket of their own', async () => {
      cloud.faults.change({
        boot: 'never-running',
        throttle: { 'RunInstances:instances': { burst: 3, perSecond: 1 } },
      });
      await cloud.launch({ MinCount: 2, MaxCount: 2 });
      const call = cloud.launch({ MinCount: 2, MaxCount: 2 });
      expect(await refusal(call)).toMatchObject({ name: 'RequestLimitExceeded', status: 503 });
      expect(await running()).toHaveLength(2);
    });
    it("of SSM has SSM's words", async () => {
      cloud.faults.change({ throttle: { SendCommand: { burst: 1, perSecond: 0 } } });
      const call = () => send(['i-00000000000000000']);
      await refusal(call());
      expect(await refusal(call())).toMatchObject({
        name: 'ThrottlingException',
        status: 400,
        message: 'Rate exceeded',
      });
    });
  });

  it('of the whole service answers nothing', async () => {
    cloud.faults.change({ outage: ['ec2'] });
    const impatient = new EC2Client({
      ...clientSettings,
      endpoint: cloud.endpoints.ec2,
      requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true },
    });
    expect(await refusal(impatient.send(new DescribeInstancesCommand({})))).toMatchObject({
      name: 'TimeoutError',
    });
    impatient.destroy();
    expect(await ping()).toEqual([]);
  });

  describe('of an agent', () => {
    it('that never registers: the instance runs, and SSM does not know it', async () => {
      cloud.faults.change({ agentsLost: 'new' });
      const ids = await cloud.launch();
      await until(async () => (await running())[0]?.State?.Name === 'running');
      expect(await refusal(send(ids))).toMatchObject({
        name: 'InvalidInstanceId',
        status: 400,
        message: `Instances [[${ids[0]}]] not in a valid state for account 000000000000`,
      });
      expect(await ping()).toEqual([]);
      cloud.faults.change({ agentsLost: 'none' });
      await cloud.online(ids);
    });
    it('that registers late', async () => {
      cloud.faults.change({ agentDelayMs: 100 });
      const ids = await cloud.launch();
      expect(await refusal(send(ids))).toMatchObject({ name: 'InvalidInstanceId' });
      await cloud.online(ids);
    });
    it('that is lost later: it shows after five minutes, and commands wait until it is back', async () => {
      const [id = ''] = await cloud.launch();
      await cloud.online([id]);
      cloud.faults.change({ agentsLost: [id] });
      const { Command } = await send([id]);
      now += 299_000;
      expect(await ping()).toEqual(['Online']);
      now += 2_000;
      expect(await ping()).toEqual(['ConnectionLost']);
      now -= 301_000;
      cloud.faults.change({ agentsLost: 'none' });
      expect(await cloud.ended(Command?.CommandId ?? '', id)).toMatchObject({ status: 'Success' });
    });
    it('that does not come back in time: DeliveryTimedOut', async () => {
      const [id = ''] = await cloud.launch();
      await cloud.online([id]);
      cloud.faults.change({ agentsLost: 'all', timeoutSecondMs: 0.01 });
      const { Command } = await send([id], 30);
      expect(await cloud.ended(Command?.CommandId ?? '', id)).toEqual({
        status: 'TimedOut',
        details: 'DeliveryTimedOut',
        code: -1,
        stdout: '',
        stderr: '',
      });
    });
    it('while a command waits for it: the command can be cancelled, and never runs', async () => {
      const [id = ''] = await cloud.launch();
      await cloud.online([id]);
      cloud.faults.change({ agentsLost: 'all' });
      const file = join(cloud.marks, 'ran');
      const first = await cloud.send([id], [`echo first >> ${file}`]);
      const second = await cloud.send([id], [`echo second >> ${file}`]);
      await cloud.ssm.send(new CancelCommandCommand({ CommandId: first }));
      const seen = await cloud.ssm.send(
        new GetCommandInvocationCommand({ CommandId: first, InstanceId: id }),
      );
      expect([seen.Status, seen.StatusDetails]).toEqual(['Cancelled', 'Cancelled']);
      cloud.faults.change({ agentsLost: 'none' });
      await cloud.ended(second, id);
      expect(readFileSync(file, 'utf8')).toBe('second\n');
    });
  });

  it('takes no commands on a terminated instance', async () => {
    const ids = await cloud.launch();
    await cloud.online(ids);
    await cloud.service.terminateAll();
    expect(await refusal(send(ids))).toMatchObject({ name: 'InvalidInstanceId' });
    expect(await ping()).toEqual([]);
  });

  describe('over HTTP', () => {
    const put = (body: string) =>
      signedFetch(`${cloud.endpoints.ssm}${faultsPath}`, credentials, { method: 'PUT', body });
    it('is switched on either service, and seen on the other', async () => {
      expect((await put('{"instanceLimit": 3}')).status).toBe(200);
      const seen = await signedFetch(`${cloud.endpoints.ec2}${faultsPath}`, credentials);
      expect(await seen.json()).toMatchObject({ instanceLimit: 3, commandDelivery: 'once' });
      expect(cloud.faults.current.instanceLimit).toBe(3);
    });
    it.each(['{"instanceLimt": 3}', '{"instanceLimit": "3"}', 'no json', '[]', 'null'])(
      'refuses %s',
      async (body) => {
        const answer = await put(body);
        expect(answer.status).toBe(400);
        expect(await answer.json()).toEqual({ error: expect.any(String) });
        expect(cloud.faults.current.instanceLimit).toBeNull();
      },
    );
  });

  it.each(['GET / HTTP', 'Action=', 'Action=StopInstances&InstanceId.1=i-1', '%%%&=&a.b.c.d=1', '\0'])(
    'of the caller is refused in XML: %j',
    async (body) => {
      const answer = await signedFetch(cloud.endpoints.ec2, credentials, { method: 'POST', body });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toMatch(
        /<Response><Errors><Error><Code>InvalidAction<\/Code><Message>.*<\/Message>/,
      );
    },
  );

  const stranger = '{"type": "hello", "instance": "i-00000000000000000", "token": "00"}';
  it.each(['no json', '{"type": "finished"}', stranger])(
    'of somebody who is no agent ends the connection: %s',
    async (line) => {
      const socket = connect(Number(new URL(cloud.endpoints.ssm).port), '127.0.0.1');
      socket.write(
        `GET ${agentPath} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: sortie-agent\r\n\r\n`,
      );
      await once(socket, 'data');
      socket.write(`${line}\n`);
      await once(socket, 'close');
      expect(await ping()).toEqual([]);
    },
  );

  it.each(['', 'no json', '[]', '{"InstanceIds": 3}'])(
    'of the caller is refused in JSON: %j',
    async (body) => {
      const headers = {
        'x-amz-target': 'AmazonSSM.SendCommand',
        'content-type': 'application/x-amz-json-1.1',
      };
      const answer = await signedFetch(cloud.endpoints.ssm, credentials, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({
        __type: expect.stringMatching(/^(ValidationException|SerializationException)$/),
        message: expect.any(String),
      });
    },
  );
});
