import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRuntime } from '../../../infra/runtime.ts';
import { ssmCommands } from '../../../infra/ssm/commands.ts';
import { memoryCommands } from '../../fakes/memory-commands.ts';
import { createWorld } from '../../fakes/world.ts';
import { PATIENCE_MS } from '../../patience.ts';
import { credentials, type EmbeddedCloud, startEmbeddedCloud } from '../ec2/embedded.ts';
import { intent } from '../ec2/given-intent.ts';
import { until } from '../local/cloud/until.ts';
import { startProxy } from '../proxy.ts';
import { commandsContract, submission } from './commands-contract.ts';
import { documents } from './documents.ts';

describe('commands in memory', () => {
  commandsContract(async () => {
    const world = createWorld(() => 1_000, {
      placed: ({ ec2 }, id) => world.started(ec2, id),
      stopping: ({ ec2 }, id) =>
        world.exit(ec2, id, {
          cause: 'stopped',
          status: null,
          signal: 'SIGTERM',
          log_bytes: 0,
          message: null,
        }),
    });
    let launched = 0;
    const booting = async () => world.add(intent(++launched)).ec2;
    return {
      commands: memoryCommands(world),
      booting,
      unfinished: async () => {
        const ec2 = await booting();
        world.register(ec2);
        return ec2;
      },
      online: async () => {
        const ec2 = await booting();
        world.boot(ec2);
        return ec2;
      },
      deny: (ec2) => {
        world.faults.denied = new Set([ec2]);
      },
      loseReply: () => {
        world.faults.lostReplies.send = 1;
      },
      stop: async () => {},
    };
  });
});

const region = 'us-east-1';
const adapter = (endpoint: string, probePatience = 10_000) =>
  ssmCommands({ region, documentPrefix: 'sortie-test', probePatience }, systemRuntime(), {
    endpoint,
    credentials,
  });

async function launch(embedded: EmbeddedCloud): Promise<string> {
  const client = new EC2Client({ region, endpoint: embedded.ec2.endpoint, credentials });
  const { Instances } = await client.send(
    new RunInstancesCommand({
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 'm5.large',
      MinCount: 1,
      MaxCount: 1,
    }),
  );
  return Instances?.[0]?.InstanceId ?? '';
}

async function launchOnline(embedded: EmbeddedCloud): Promise<string> {
  embedded.faults.change({ agentsLost: 'none' });
  const ec2 = await launch(embedded);
  const commands = adapter(embedded.ssm.endpoint);
  await until(async () => (await commands.probe([ec2])).get(ec2)?.kind === 'answered');
  return ec2;
}

async function shellOn(embedded: EmbeddedCloud, ec2: string, command: string): Promise<void> {
  const client = new SSMClient({ region, endpoint: embedded.ssm.endpoint, credentials });
  const input = { DocumentName: 'sortie-test-shell', InstanceIds: [ec2], Parameters: { command: [command] } };
  await client.send(new SendCommandCommand(input));
}

describe('SSM over the wire', () => {
  commandsContract(async () => {
    const embedded = await startEmbeddedCloud({}, documents);
    return {
      commands: adapter(embedded.ssm.endpoint),
      online: () => launchOnline(embedded),
      unfinished: async () => {
        const ec2 = await launchOnline(embedded);
        await shellOn(embedded, ec2, 'touch unfinished');
        const commands = adapter(embedded.ssm.endpoint);
        await until(async () => (await commands.probe([ec2])).get(ec2)?.kind === 'booting');
        return ec2;
      },
      booting: async () => {
        embedded.faults.change({ agentsLost: 'new' });
        return launch(embedded);
      },
      deny: (ec2) => void embedded.faults.change({ deniedCommands: [ec2] }),
      loseReply: () => void embedded.faults.change({ lostReplies: { SendCommand: 1 } }),
      stop: embedded.stop,
    };
  });

  let embedded: EmbeddedCloud;
  let ec2: string;
  beforeAll(async () => {
    embedded = await startEmbeddedCloud({}, documents);
    ec2 = await launchOnline(embedded);
  });
  afterAll(() => embedded.stop());

  const shell = (command: string) => shellOn(embedded, ec2, command);
  const probe = async (commands = adapter(embedded.ssm.endpoint)) => (await commands.probe([ec2])).get(ec2);

  it('tells when a submission started, and passes on the link', async () => {
    const commands = adapter(embedded.ssm.endpoint);
    await commands.start(ec2, submission(7), 'https://bucket/key?X-Amz-Expires=900&x=%2F');
    await expect
      .poll(() => probe(commands), { timeout: PATIENCE_MS })
      .toMatchObject({ submissions: [{ started_at: Date.parse('2026-11-17T21:20:00.123Z') }] });
    await shell('grep -qF "https://bucket/key?X-Amz-Expires=900&x=%2F" fetched && rm -r jobs');
    await expect.poll(() => probe(commands), { timeout: PATIENCE_MS }).toMatchObject({ submissions: [] });
  });

  it('runs the document that was deployed last, though the default version is another', async () => {
    const sent: unknown[] = [];
    const proxy = await startProxy(embedded.ssm.endpoint, {
      rewrite: ({ body, headers }) => {
        if (String(headers['x-amz-target']).endsWith('SendCommand')) sent.push(JSON.parse(body));
        return body;
      },
    });
    const commands = adapter(proxy.endpoint);
    await commands.start(ec2, submission(8), 'https://bucket/key');
    await commands.stop(ec2, submission(8), 'abort', 'test');
    await commands.probe([ec2]);
    expect(sent).toHaveLength(3);
    for (const call of sent) expect(call).toMatchObject({ DocumentVersion: '$LATEST' });
    await proxy.close();
    await shell('rm -rf jobs');
  });

  it('concludes nothing from a probe that printed what it should not', async () => {
    await shell('echo "sh: jobs: Input/output error" > broken');
    await expect
      .poll(() => probe(), { timeout: PATIENCE_MS })
      .toEqual({
        kind: 'unreachable',
        detail: 'the probe printed what it should not: sh: jobs: Input/output error',
      });
    await shell('rm broken');
    await expect.poll(() => probe(), { timeout: PATIENCE_MS }).toMatchObject({ kind: 'answered' });
  });

  it('concludes nothing from a probe that failed, and says what it said', async () => {
    await shell('touch failing');
    await expect
      .poll(() => probe(), { timeout: PATIENCE_MS })
      .toEqual({ kind: 'unreachable', detail: 'Failed disk is full' });
    await shell('rm failing');
    await expect.poll(() => probe(), { timeout: PATIENCE_MS }).toMatchObject({ kind: 'answered' });
  });

  it('asks again while SSM does not know the invocation yet', async () => {
    embedded.faults.change({ invocationVisibleAfterMs: 700 });
    expect(await probe()).toMatchObject({ kind: 'answered' });
    embedded.faults.change({ invocationVisibleAfterMs: 50 });
  });

  it('an agent that was cut off, but still counts as online, is unreachable once patience ends', async () => {
    embedded.faults.change({ agentsLost: 'all' });
    expect(await probe(adapter(embedded.ssm.endpoint, 300))).toMatchObject({
      kind: 'unreachable',
      detail: expect.stringContaining('no answer yet'),
    });
    embedded.faults.change({ agentsLost: 'none' });
    await expect.poll(() => probe(), { timeout: PATIENCE_MS }).toMatchObject({ kind: 'answered' });
  });

  it('whoever can be reached hears from us, and nobody is asked what came of it', async () => {
    const heard: unknown[] = [];
    const proxy = await startProxy(embedded.ssm.endpoint, {
      answer: ({ headers, body: asked }, body) => {
        heard.push([
          String(headers['x-amz-target']).split('.')[1],
          JSON.parse(asked).InstanceIds,
          'Command' in JSON.parse(body),
        ]);
        return body;
      },
    });
    const gone = 'i-0123456789abcdef0';
    await adapter(proxy.endpoint).touch([gone, ec2]);
    await proxy.close();
    expect(heard).toEqual([
      ['SendCommand', [gone, ec2], false],
      ['SendCommand', [gone], false],
      ['SendCommand', [ec2], true],
    ]);
  });

  it('one that leaves between the look and the command does not spoil the probe of the others', async () => {
    const leaving = 'i-0123456789abcdef0';
    // The listing still has an instance that SendCommand refuses already.
    const proxy = await startProxy(embedded.ssm.endpoint, {
      answer: ({ headers }, body) =>
        String(headers['x-amz-target']).endsWith('DescribeInstanceInformation')
          ? body.replace(
              '"InstanceInformationList":[',
              `"InstanceInformationList":[{"InstanceId":"${leaving}","PingStatus":"Online"},`,
            )
          : body,
    });
    const probes = await adapter(proxy.endpoint).probe([leaving, ec2]);
    expect(probes.get(leaving)).toMatchObject({ kind: 'unreachable' });
    expect(probes.get(ec2)).toMatchObject({ kind: 'answered' });
    await proxy.close();
  });

  it('throttling is waited out by the SDK', async () => {
    embedded.faults.change({ throttle: { SendCommand: { burst: 1, perSecond: 20 } } });
    const commands = adapter(embedded.ssm.endpoint);
    const sent = await Promise.all([1, 2, 3].map((n) => commands.stop(ec2, submission(n), 'abort', 'test')));
    expect(sent.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
    embedded.faults.change({ throttle: {} });
  });

  it('a document that does not exist is an error that names it', async () => {
    const commands = ssmCommands({ region, documentPrefix: 'nobody' }, systemRuntime(), {
      endpoint: embedded.ssm.endpoint,
      credentials,
    });
    await expect(commands.start(ec2, submission(1), 'http://x')).rejects.toThrow('nobody-start-job');
  });
});
