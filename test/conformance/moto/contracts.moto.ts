import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { ec2Cloud } from '../../../infra/ec2/cloud.ts';
import { eventBridgeBus } from '../../../infra/eventbridge/bus.ts';
import { cloudWatchLogs } from '../../../infra/logs/logs.ts';
import { systemRuntime } from '../../../infra/runtime.ts';
import { s3Bundles } from '../../../infra/s3/bundles.ts';
import { sqsDeadLetters } from '../../../infra/sqs/dead-letters.ts';
import { ssmCommands } from '../../../infra/ssm/commands.ts';
import { golden } from '../../golden/golden-events.ts';
import { cloudContract } from '../../infra/ec2/cloud-contract.ts';
import { usersTags } from '../../infra/ec2/users-tags.ts';
import { logsContract } from '../../infra/logs/logs-contract.ts';
import { startProxy } from '../../infra/proxy.ts';
import { bundlesContract } from '../../infra/s3/bundles-contract.ts';
import { deadLettersContract } from '../../infra/sqs/dead-letters-contract.ts';
import { commandsContract } from '../../infra/ssm/commands-contract.ts';
import { aBucket, aBus, aLogGroup, anInstance, aQueue, fresh, launchable, settings } from './given.ts';

const { region } = settings;

describe('EC2', () => {
  const operationOf = (body: string) => new URLSearchParams(body).get('Action') ?? '';
  const operations = {
    launch: 'RunInstances',
    terminate: 'TerminateInstances',
    retag: 'CreateTags',
    createGroup: 'CreatePlacementGroup',
    deleteGroup: 'DeletePlacementGroup',
  };
  const refusal = (status: number, code: string) => ({
    status,
    body: `<Response><Errors><Error><Code>${code}</Code><Message>none</Message></Error></Errors></Response>`,
  });
  const refusals = {
    capacity: refusal(500, 'InsufficientInstanceCapacity'),
    quota: refusal(400, 'VcpuLimitExceeded'),
    throttle: refusal(503, 'RequestLimitExceeded'),
  };

  const allTakenBack = (answered: string) =>
    answered.replaceAll(/<stateReason>.*?<\/stateReason>|<stateReason\s*\/>/gs, '').replaceAll(
      /<instanceState>.*?<\/instanceState>/gs,
      `<instanceState><code>48</code><name>terminated</name></instanceState><stateReason>
           <code>Server.InsufficientInstanceCapacity</code>
           <message>There was insufficient capacity available to satisfy the request</message>
         </stateReason>`,
    );

  cloudContract(async () => {
    const refused = new Map<string, (typeof refusals)['quota']>();
    const lost = new Set<string>();
    let takenBack = false;
    // moto has enough of everything and loses nothing: what goes wrong goes wrong on the way to it.
    const proxy = await startProxy(settings.endpoint, {
      refuses: ({ body }) => refused.get(operationOf(body)),
      loses: ({ body }) => lost.delete(operationOf(body)),
      answer: ({ body }, answered) =>
        takenBack && operationOf(body) === 'DescribeInstances' ? allTakenBack(answered) : answered,
    });
    const { image, securityGroup, profile } = await launchable();
    const cloud = ec2Cloud(
      {
        deployment: fresh('sortie'),
        region,
        images: new Map([['x86_64', image]]),
        subnets: {},
        securityGroup,
        nodeProfile: profile,
        userData: ({ instance }) => `#!/bin/sh\n: ${instance}\n`,
        launchesPerSecond: 1_000,
        callsPerSecond: 1_000,
      },
      { now: () => 0, pause: async () => {} },
      { ...settings, endpoint: proxy.endpoint },
    );
    let open = true;
    const stop = async () => {
      if (open) await proxy.close();
      open = false;
    };
    return {
      cloud,
      refuse: (how) => void refused.set('RunInstances', refusals[how]),
      loseReply: (call) => void lost.add(operations[call]),
      throttleGroups: () => void refused.set('CreatePlacementGroup', refusals.throttle),
      takeBack: () => {
        takenBack = true;
      },
      tagsOf: (ec2) => usersTags(settings, ec2),
      goDown: () => void stop(),
      stop,
    };
  });
});

describe('SSM', () => {
  commandsContract(async () => {
    const needed = await launchable();
    return {
      commands: ssmCommands(
        { region, documentPrefix: fresh('sortie'), probePatience: 500 },
        systemRuntime(),
        settings,
      ),
      online: () => anInstance(needed),
      booting: () => anInstance(needed),
      unfinished: () => anInstance(needed),
      deny: () => {},
      loseReply: () => {},
      stop: async () => {},
    };
  });
});

describe('S3', () => {
  bundlesContract(async () => ({
    bundles: s3Bundles({ region, bucket: await aBucket() }, { ...settings, forcePathStyle: true }),
    fetch: async (link) => {
      const answer = await fetch(link);
      const text = await answer.text();
      if (answer.status === 200) return JSON.parse(text);
      expect([answer.status, text]).toEqual([404, expect.stringContaining('NoSuchKey')]);
      return undefined;
    },
    stop: async () => {},
  }));
});

describe('SQS', () => {
  deadLettersContract(async () => {
    const client = new SQSClient(settings);
    const { url: QueueUrl } = await aQueue();
    const letters = sqsDeadLetters({ region, queue: QueueUrl }, settings);
    let sent: Promise<unknown> = Promise.resolve();
    const leave = (body: string, attributes: Readonly<Record<string, string>> = {}) => {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      );
      sent = sent.then(() =>
        client.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes })),
      );
    };
    return {
      letters: {
        ...letters,
        take: async (limit) => {
          await sent;
          return letters.take(limit);
        },
      },
      leave,
      // Time passes at moto as it does here.
      pass: () => {},
      stop: async () => {},
    };
  });
});

describe('CloudWatch Logs', () => {
  logsContract(async () => ({
    logs: cloudWatchLogs({ region, group: await aLogGroup() }, { now: Date.now }, settings),
    stop: async () => {},
  }));
});

describe('EventBridge', () => {
  it('a rule on the bus receives each event in the envelope of docs/events.md', async () => {
    const queue = await aQueue();
    const bus = eventBridgeBus({ region, bus: await aBus(queue) }, settings);
    const event = golden('FleetLimitsChanged');
    await bus.publish([
      {
        stream: { name: 'Fleet', id: 'default' },
        version: 3,
        at: 1_794_950_400_123,
        by: 'user:alice',
        causation: null,
        correlation: 'a-run',
        events: [event],
      },
    ]);
    const { Messages = [] } = await new SQSClient(settings).send(
      new ReceiveMessageCommand({ QueueUrl: queue.url }),
    );
    expect(Messages.map(({ Body }) => JSON.parse(Body ?? ''))).toMatchObject([
      {
        source: 'sortie',
        'detail-type': 'FleetLimitsChanged',
        detail: { event_id: 'Fleet-default/3/0', event },
      },
    ]);
  });
});
