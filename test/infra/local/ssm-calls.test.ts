import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, refusal, startCloud } from './cloud/cloud.ts';

describe('a call of SSM', () => {
  let cloud: Cloud;
  let a: string;
  let b: string;
  beforeAll(async () => {
    cloud = await startCloud();
    [a = '', b = ''] = await cloud.launch({ MinCount: 2, MaxCount: 2 });
    await cloud.online([a, b]);
  });
  afterAll(() => cloud.stop());

  const get = (CommandId: string) =>
    cloud.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: a }));

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
