import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultsSchema } from '../../../infra/local/wire/faults.ts';
import { type Cloud, refusal, startCloud } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';

const usual = faultsSchema.parse({ invocationVisibleAfterMs: 0 });

describe('commands', () => {
  let cloud: Cloud;
  let a: string;
  let b: string;
  beforeAll(async () => {
    cloud = await startCloud();
    [a = '', b = ''] = await cloud.launch({ MinCount: 2, MaxCount: 2 });
    await cloud.online([a, b]);
  });
  beforeEach(() => void cloud.faults.change(usual));
  afterAll(() => cloud.stop());

  const folder = () => mkdtempSync(join(cloud.data, 'test-'));
  const get = (CommandId: string, InstanceId = a) =>
    cloud.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
  const sendTimed = async (commands: string[], seconds: string) => {
    const Parameters = { commands, executionTimeout: [seconds] };
    const sent = await cloud.ssm.send(
      new SendCommandCommand({ DocumentName: 'test-run', InstanceIds: [a], Parameters, TimeoutSeconds: 30 }),
    );
    return sent.Command?.CommandId ?? '';
  };
  const statuses = (command: string) =>
    cloud.events
      .filter(({ detail }) => detail['command-id'] === command)
      .map(({ detail }) => detail['status']);

  it('answers SendCommand with a pending command', async () => {
    const { Command } = await cloud.ssm.send(
      new SendCommandCommand({
        DocumentName: 'test-run',
        InstanceIds: [a],
        Parameters: { commands: ['true'] },
        Comment: 'why',
        TimeoutSeconds: 60,
        CloudWatchOutputConfig: { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: 'group' },
      }),
    );
    expect(Command).toMatchObject({
      CommandId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      DocumentName: 'test-run',
      Status: 'Pending',
      StatusDetails: 'Pending',
      InstanceIds: [a],
      TargetCount: 1,
      Comment: 'why',
      TimeoutSeconds: 60,
    });
    const allowed = (Command?.ExpiresAfter?.getTime() ?? 0) - (Command?.RequestedDateTime?.getTime() ?? 0);
    expect(Math.round(allowed / 1000)).toBe(60 + 3600);
  });

  it('shows what a command did', async () => {
    const command = await cloud.send([a], ['echo out; echo err >&2; echo $AWS_SSM_INSTANCE_ID; exit 3']);
    await cloud.ended(command, a);
    expect(await get(command)).toMatchObject({
      CommandId: command,
      InstanceId: a,
      PluginName: 'runShell',
      Status: 'Failed',
      StatusDetails: 'Failed',
      ResponseCode: 3,
      StandardOutputContent: `out\n${a}\n`,
      StandardErrorContent: 'err\n',
      ExecutionStartDateTime: expect.stringMatching(/^\d{4}-.*Z$/),
      ExecutionElapsedTime: expect.stringMatching(/^PT[\d.]+S$/),
    });
    expect(statuses(command)).toEqual(['InProgress', 'Failed']);
  });

  it('tells EventBridge of it in the envelope of SSM', async () => {
    const command = await cloud.send([a], ['true']);
    await cloud.ended(command, a);
    expect(cloud.events.findLast(({ detail }) => detail['command-id'] === command)).toMatchObject({
      'detail-type': 'EC2 Command Invocation Status-change Notification',
      source: 'aws.ssm',
      resources: [`arn:aws:ec2:us-east-1:000000000000:instance/${a}`],
      detail: {
        'command-id': command,
        'document-name': 'test-run',
        'instance-id': a,
        'requested-date-time': expect.stringMatching(/Z$/),
        status: 'Success',
      },
    });
  });

  it('cuts output at 24,000 and 8,000 characters', async () => {
    const command = await cloud.send(
      [a],
      ["head -c 30000 /dev/zero | tr '\\0' o; head -c 30000 /dev/zero | tr '\\0' e >&2"],
    );
    const { stdout, stderr } = await cloud.ended(command, a);
    expect([stdout.length, stderr.length]).toEqual([24_000, 8_000]);
    expect(stdout).toMatch(/^o+--output truncated--$/);
  });

  it('ends when its shell ends, though a child holds the output open', async () => {
    const command = await cloud.send([a], ['setsid sleep 1000 & echo left']);
    expect(await cloud.ended(command, a)).toMatchObject({ status: 'Success', stdout: 'left\n' });
  });

  it('runs on all the instances of the call', async () => {
    const command = await cloud.send([a, b], ['echo $AWS_SSM_INSTANCE_ID']);
    expect((await cloud.ended(command, a)).stdout).toBe(`${a}\n`);
    expect((await cloud.ended(command, b)).stdout).toBe(`${b}\n`);
  });

  it('runs five at a time, the next when one has ended', async () => {
    const gate = folder();
    const wait = `: > ${gate}/$$.started; while [ ! -e ${gate}/go ]; do sleep 0.02; done`;
    const commands = await Promise.all(Array.from({ length: 7 }, () => cloud.send([a], [wait])));
    const { Status } = await until(async () => {
      const seen = await Promise.all(commands.map((command) => get(command)));
      return (
        seen.filter((one) => one.Status === 'InProgress').length === 5 &&
        seen.find((one) => one.Status !== 'InProgress')
      );
    });
    expect(Status).toBe('Pending');
    writeFileSync(join(gate, 'go'), '');
    for (const command of commands)
      expect(await cloud.ended(command, a)).toMatchObject({ status: 'Success' });
  });

  it('runs in the working directory it was given', async () => {
    const gate = folder();
    const { Command } = await cloud.ssm.send(
      new SendCommandCommand({
        DocumentName: 'test-run',
        InstanceIds: [a],
        Parameters: { commands: ['pwd'], workingDirectory: [gate] },
      }),
    );
    expect((await cloud.ended(Command?.CommandId ?? '', a)).stdout).toBe(`${gate}\n`);
  });

  it('is stopped with all of its process group at its execution timeout', async () => {
    cloud.faults.change({ timeoutSecondMs: 100 });
    const command = await sendTimed(['echo begun; sleep 1000 & sleep 1000'], '1');
    expect(await cloud.ended(command, a)).toEqual({
      status: 'TimedOut',
      details: 'ExecutionTimedOut',
      code: 137,
      stdout: 'begun\n',
      stderr: '',
    });
  });

  it('is cancelled, with KILL', async () => {
    const gate = folder();
    const command = await cloud.send([a], [`trap '' TERM; : > ${gate}/started; sleep 1000`]);
    await until(() => existsSync(join(gate, 'started')));
    await cloud.ssm.send(new CancelCommandCommand({ CommandId: command }));
    expect(await cloud.ended(command, a)).toMatchObject({
      status: 'Cancelled',
      details: 'Cancelled',
      code: 137,
    });
    expect(statuses(command)).toEqual(['InProgress', 'Cancelling', 'Cancelled']);
  });

  it('is left as it is when it is cancelled too late', async () => {
    const command = await cloud.send([a], ['true']);
    await cloud.ended(command, a);
    await cloud.ssm.send(new CancelCommandCommand({ CommandId: command, InstanceIds: [a] }));
    expect((await get(command)).Status).toBe('Success');
  });

  it('does not exist for a moment after it was sent', async () => {
    cloud.faults.change({ invocationVisibleAfterMs: 150 });
    const command = await cloud.send([a], ['true']);
    expect(await refusal(get(command))).toMatchObject({ name: 'InvocationDoesNotExist', status: 400 });
    await until(() =>
      get(command).then(
        () => true,
        () => false,
      ),
    );
  });

  it('runs twice where deliveries are duplicated', async () => {
    cloud.faults.change({ commandDelivery: 'twice' });
    const gate = folder();
    const command = await cloud.send([a], [`echo run >> ${gate}/runs`]);
    await until(
      () => existsSync(join(gate, 'runs')) && readFileSync(join(gate, 'runs'), 'utf8') === 'run\nrun\n',
    );
    expect(await cloud.ended(command, a)).toMatchObject({ status: 'Success' });
    expect(statuses(command)).toEqual(['InProgress', 'Success']);
  });

  describe('listed', () => {
    const list = (input: object) => cloud.ssm.send(new ListCommandInvocationsCommand(input));
    it('by command, with output where asked', async () => {
      const command = await cloud.send([a, b], ['echo hello']);
      await cloud.ended(command, a);
      await cloud.ended(command, b);
      const brief = await list({ CommandId: command });
      expect(brief.CommandInvocations?.map(({ InstanceId }) => InstanceId).sort()).toEqual([a, b].sort());
      expect(brief.CommandInvocations?.[0]?.CommandPlugins).toEqual([]);
      const full = await list({ CommandId: command, InstanceId: a, Details: true });
      expect(full.CommandInvocations).toHaveLength(1);
      expect(full.CommandInvocations?.[0]?.CommandPlugins?.[0]).toMatchObject({
        Name: 'runShell',
        Output: 'hello\n',
        ResponseCode: 0,
        Status: 'Success',
      });
    });
    it('by instance, newest first, page by page', async () => {
      const sent: string[] = [];
      for (const word of ['one', 'two', 'three']) sent.unshift(await cloud.send([b], [`echo ${word}`]));
      const first = await list({ InstanceId: b, MaxResults: 2 });
      const second = await list({ InstanceId: b, MaxResults: 2, NextToken: first.NextToken });
      const seen = [first, second].flatMap(({ CommandInvocations }) => CommandInvocations ?? []);
      expect(seen.slice(0, 3).map(({ CommandId }) => CommandId)).toEqual(sent);
    });
    it('by status', async () => {
      const command = await cloud.send([a], ['exit 1']);
      await cloud.ended(command, a);
      const found = await list({ InstanceId: a, Filters: [{ key: 'Status', value: 'Failed' }] });
      expect(found.CommandInvocations?.[0]?.CommandId).toBe(command);
      expect(new Set(found.CommandInvocations?.map(({ Status }) => Status))).toEqual(new Set(['Failed']));
    });
  });

  describe('refused', () => {
    const send = (input: object) =>
      cloud.ssm.send(
        new SendCommandCommand({
          DocumentName: 'test-run',
          InstanceIds: [a],
          Parameters: { commands: ['x'] },
          ...input,
        }),
      );
    const restricted = (Parameters: object) => send({ DocumentName: 'test-restricted', Parameters });
    it.each<[string, () => Promise<unknown>, string]>([
      ['an unknown document', () => send({ DocumentName: 'none' }), 'InvalidDocument'],
      ['an unknown instance', () => send({ InstanceIds: ['i-00000000000000000'] }), 'InvalidInstanceId'],
      [
        'a known with an unknown one',
        () => send({ InstanceIds: [a, 'i-00000000000000000'] }),
        'InvalidInstanceId',
      ],
      ['an instance named twice', () => send({ InstanceIds: [a, a] }), 'DuplicateInstanceId'],
      [
        'more than 50 instances',
        () => send({ InstanceIds: Array.from({ length: 51 }, () => a) }),
        'ValidationException',
      ],
      ['a timeout under 30 s', () => send({ TimeoutSeconds: 29 }), 'ValidationException'],
      ['a comment over 100 characters', () => send({ Comment: 'x'.repeat(101) }), 'ValidationException'],
      ['a missing parameter', () => send({ Parameters: {} }), 'InvalidParameters'],
      [
        'an unknown parameter',
        () => send({ Parameters: { commands: ['x'], more: ['y'] } }),
        'InvalidParameters',
      ],
      ['two values for a text', () => restricted({ submission: ['a', 'b'] }), 'InvalidParameters'],
      ['a value against the pattern', () => restricted({ submission: ['a; rm -rf /'] }), 'InvalidParameters'],
      ['a newline against the pattern', () => restricted({ submission: ['a\nb'] }), 'InvalidParameters'],
      ['a value not allowed', () => restricted({ submission: ['a'], mode: ['never'] }), 'InvalidParameters'],
      ['text for an integer', () => restricted({ submission: ['a'], count: ['two'] }), 'InvalidParameters'],
      [
        'over 64 KB in all',
        () => send({ DocumentName: 'test-large', Parameters: { text: ['x'.repeat(5000)] } }),
        'MaxDocumentSizeExceeded',
      ],
      [
        'a plugin that is not there',
        async () => {
          const command = await cloud.send([a], ['true']);
          return cloud.ssm.send(
            new GetCommandInvocationCommand({ CommandId: command, InstanceId: a, PluginName: 'no' }),
          );
        },
        'InvalidPluginName',
      ],
      [
        'an invocation that is not there',
        () => get('00000000-0000-0000-0000-000000000000'),
        'InvocationDoesNotExist',
      ],
      [
        'a command that is not there',
        () => cloud.ssm.send(new CancelCommandCommand({ CommandId: '00000000-0000-0000-0000-000000000000' })),
        'InvalidCommandId',
      ],
    ])('%s', async (_, call, code) => {
      expect(await refusal(call())).toMatchObject({ name: code, status: 400 });
    });
  });

  it('fills a document in, and leaves alone what is no parameter', async () => {
    const { Command } = await cloud.ssm.send(
      new SendCommandCommand({
        DocumentName: 'test-restricted',
        InstanceIds: [a],
        Parameters: { submission: ['r-0-0'] },
      }),
    );
    expect((await cloud.ended(Command?.CommandId ?? '', a)).stdout).toBe('r-0-0 graceful 1 {{ unknown }}\n');
  });

  describe('nodes', () => {
    const nodes = async (input: object = {}) =>
      (await cloud.ssm.send(new DescribeInstanceInformationCommand(input))).InstanceInformationList ?? [];
    it('are shown with their ping, by filter', async () => {
      expect(await nodes({ Filters: [{ Key: 'InstanceIds', Values: [b] }] })).toMatchObject([
        { InstanceId: b, PingStatus: 'Online', PlatformType: 'Linux', ResourceType: 'EC2Instance' },
      ]);
      expect(await nodes({ Filters: [{ Key: 'PingStatus', Values: ['ConnectionLost'] }] })).toEqual([]);
    });
    it('are refused a filter that is not there, and a page too small', async () => {
      const filter = nodes({ Filters: [{ Key: 'Colour', Values: ['red'] }] });
      expect(await refusal(filter)).toMatchObject({ name: 'InvalidFilterKey', status: 400 });
      expect(await refusal(nodes({ MaxResults: 4 }))).toMatchObject({
        name: 'ValidationException',
        status: 400,
      });
    });
  });
});
