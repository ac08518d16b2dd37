import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsEvent } from '../../../infra/local/wire/aws-event.ts';
import { type Cloud, calls, clientSettings, straysOf } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';

type Host = Pick<Cloud, 'launch' | 'online' | 'send' | 'ended'> & {
  readonly process: ChildProcess;
  readonly ec2: EC2Client;
  readonly events: AwsEvent[];
};

async function startHost(data: string, faults: object = {}): Promise<Host> {
  const program = join(import.meta.dirname, 'cloud/host-process.ts');
  const child = spawn(process.execPath, [program, data, JSON.stringify(faults)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: AwsEvent[] = [];
  const endpoints = await new Promise<{ ec2: string; ssm: string }>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const said: { event?: AwsEvent; ready?: { ec2: string; ssm: string } } = JSON.parse(line);
      if (said.event) events.push(said.event);
      if (said.ready) resolve(said.ready);
    });
  });
  const ec2 = new EC2Client({ ...clientSettings, endpoint: endpoints.ec2 });
  const ssm = new SSMClient({ ...clientSettings, endpoint: endpoints.ssm });
  return { process: child, ec2, events, ...calls(ec2, ssm) };
}

async function end(host: Host, signal: NodeJS.Signals): Promise<void> {
  const ended = once(host.process, 'exit');
  host.process.kill(signal);
  await ended;
}

describe('when the host is killed and started again', () => {
  let data: string;
  /** Commands do not see `data`. */
  let marks: string;
  let host: Host;
  const restart = async (faults: object = {}) => {
    host = await startHost(data, faults);
  };
  const stateOf = async (id: string) => {
    const { Reservations } = await host.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  };
  const agentOf = (id: string) => readFileSync(join(data, 'instances', id, 'agent.pid'), 'utf8');

  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'sortie-cloud-'));
    marks = mkdtempSync(join(tmpdir(), 'sortie-marks-'));
    await restart();
  });
  afterEach(async () => {
    await end(host, 'SIGTERM');
    const strays = straysOf(data);
    for (const folder of [data, marks]) rmSync(folder, { recursive: true, force: true });
    if (strays.length > 0) throw new Error(`processes were left over: ${strays.join(', ')}`);
  });

  it('instances live on, and take commands again at the new endpoints', async () => {
    const [id = ''] = await host.launch();
    await host.online([id]);
    const agent = agentOf(id);
    await end(host, 'SIGKILL');
    await restart();

    expect(await stateOf(id)).toBe('running');
    await host.online([id]);
    expect(await host.ended(await host.send([id], ['echo again']), id)).toMatchObject({ stdout: 'again\n' });
    expect(agentOf(id)).toBe(agent);
  });

  it('a command that was running goes on, and its result arrives', async () => {
    const [id = ''] = await host.launch();
    await host.online([id]);
    const gate = join(marks, 'gate');
    const command = await host.send(
      [id],
      [`echo run >> ${gate}; until grep -q go ${gate}; do sleep 0.02; done; echo done`],
    );
    await until(() => existsSync(gate));
    await end(host, 'SIGKILL');
    appendFileSync(gate, 'go\n');
    await restart();

    expect(await host.ended(command, id)).toMatchObject({ status: 'Success', stdout: 'done\n' });
    expect(readFileSync(gate, 'utf8')).toBe('run\ngo\n');
  });

  it('a command that no agent has had yet is delivered, once', async () => {
    const [id = ''] = await host.launch();
    await host.online([id]);
    await end(host, 'SIGKILL');
    await restart({ agentsLost: 'all' });
    const file = join(marks, 'ran');
    const command = await host.send([id], [`echo run >> ${file}`]);
    await end(host, 'SIGKILL');
    await restart();

    expect(await host.ended(command, id)).toMatchObject({ status: 'Success' });
    expect(readFileSync(file, 'utf8')).toBe('run\n');
  });

  it('an instance that died meanwhile is terminated, with an event', async () => {
    const [id = ''] = await host.launch();
    const [other = ''] = await host.launch();
    await host.online([id, other]);
    const gate = join(marks, 'gate');
    await host.send([id], [`: > ${gate}; until [ -e ${gate}.go ]; do sleep 0.02; done; shutdown -h now`]);
    await until(() => existsSync(gate));
    await end(host, 'SIGKILL');
    appendFileSync(`${gate}.go`, '');
    await until(() => straysOf(data, id).length === 0);
    await restart();

    await until(async () => (await stateOf(id)) === 'terminated');
    await until(() =>
      host.events.some(({ detail }) => detail['instance-id'] === id && detail['state'] === 'terminated'),
    );
    expect(await stateOf(other)).toBe('running');
  });

  it('an instance that dies later is noticed, though it is no child of this host', async () => {
    const [id = ''] = await host.launch();
    await host.online([id]);
    await end(host, 'SIGKILL');
    await restart();
    await host.online([id]);
    await host.send([id], ['shutdown -h now']);
    await until(async () => (await stateOf(id)) === 'terminated');
    expect(straysOf(data)).toEqual([]);
  });

  it('an instance that it had launched and not booted boots', async () => {
    await end(host, 'SIGTERM');
    await restart({ bootDelayMs: 60_000 });
    const [id = ''] = await host.launch({ ClientToken: 'once' });
    await end(host, 'SIGKILL');
    await restart();
    await host.online([id]);
    expect(await host.launch({ ClientToken: 'once' })).toEqual([id]);
  });

  it('an instance of the earlier host can be terminated, with all that runs on it', async () => {
    const [id = ''] = await host.launch();
    await host.online([id]);
    await host.ended(await host.send([id], ['setsid sleep 1000 >/dev/null 2>&1 &']), id);
    await end(host, 'SIGKILL');
    await restart();
    await host.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await until(async () => (await stateOf(id)) === 'terminated');
    expect(straysOf(data)).toEqual([]);
  });
});
