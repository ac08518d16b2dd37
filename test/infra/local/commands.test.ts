import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancelCommandCommand, GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
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

  const folder = () => mkdtempSync(join(cloud.marks, 'test-'));
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
      StandardErrorContent: 'err\nfailed to run commands: exit status 3',
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

  it('cuts output at 24,000 and 8,000 bytes', async () => {
    const command = await cloud.send(
      [a],
      ["head -c 30000 /dev/zero | tr '\\0' o; head -c 30000 /dev/zero | tr '\\0' e >&2"],
    );
    const { stdout, stderr } = await cloud.ended(command, a);
    expect([stdout.length, stderr.length]).toEqual([24_000, 8_000]);
    expect(stdout).toMatch(/^o+--output truncated--$/);
    const wide = await cloud.send(
      [a],
      [`for _ in $(seq 9000); do printf '\u20ac'; done`.replace('\\u20ac', '€')],
    );
    const bytes = Buffer.byteLength((await cloud.ended(wide, a)).stdout);
    // A character that the cut falls into is shown as U+FFFD, of three bytes.
    expect(bytes).toBeGreaterThan(23_990);
    expect(bytes).toBeLessThanOrEqual(24_002);
  });

  it('is held by a grandchild that keeps its output open, and by none that does not', async () => {
    const gate = folder();
    const held = await cloud.send(
      [a],
      [`setsid sh -c 'while [ ! -e ${gate}/go ]; do sleep 0.02; done; echo late' & echo left`],
    );
    const free = await cloud.send([a], ['setsid sleep 1000 >/dev/null 2>&1 & echo left']);
    expect(await cloud.ended(free, a)).toMatchObject({ status: 'Success', stdout: 'left\n' });
    expect((await get(held)).Status).toBe('InProgress');
    writeFileSync(join(gate, 'go'), '');
    expect(await cloud.ended(held, a)).toMatchObject({ status: 'Success', stdout: 'left\nlate\n' });
  });

  it.each([
    ['kill -KILL $$', { status: 'Failed', code: -1, stderr: 'failed to run commands: signal: killed' }],
    ['kill -TERM $$', { status: 'Failed', code: -1, stderr: 'failed to run commands: signal: terminated' }],
    // What the agent itself says of a command that it stopped, it takes for that.
    [
      "sh -c 'kill -KILL $$'; exit $?",
      {
        status: 'TimedOut',
        details: 'ExecutionTimedOut',
        code: 137,
        stderr: expect.not.stringContaining('failed to run commands'),
      },
    ],
  ])('a script that ends by `%s` is answered as the agent does', async (line, answer) => {
    const command = await cloud.send([a], [line]);
    expect(await cloud.ended(command, a)).toMatchObject(answer);
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
    // SSM hears of the start a moment after the script has begun; a command it holds for pending is never run.
    await until(() => existsSync(join(gate, 'started')) && statuses(command).includes('InProgress'));
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
    cloud.faults.change({ invocationVisibleAfterMs: 3_600_000 });
    const command = await cloud.send([a], ['true']);
    expect(await refusal(get(command))).toMatchObject({ name: 'InvocationDoesNotExist', status: 400 });
    cloud.faults.change({ invocationVisibleAfterMs: 150 });
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
});
