import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCounts } from '../../../domain/metrics/call-counts.ts';
import { ec2Cloud } from '../../../infra/ec2/cloud.ts';
import { systemRuntime } from '../../../infra/runtime.ts';
import { ssmCommands } from '../../../infra/ssm/commands.ts';
import { credentials, type EmbeddedCloud, startEmbeddedCloud } from '../ec2/embedded.ts';
import { intent } from '../ec2/given-intent.ts';
import { documents } from '../ssm/documents.ts';

describe('calls of the cloud, over the wire', () => {
  let embedded: EmbeddedCloud;
  beforeAll(async () => {
    embedded = await startEmbeddedCloud({ boot: 'never-running' }, documents);
  });
  afterAll(() => embedded.stop());

  const region = 'us-east-1';
  function heard() {
    const calls = callCounts();
    const cloud = ec2Cloud(
      {
        deployment: 'sortie-test',
        region,
        images: new Map([['x86_64', 'ami-0123456789abcdef0']]),
        subnets: {},
        securityGroup: 'sg-0123456789abcdef0',
        nodeProfile: 'sortie-node',
        userData: () => '#!/bin/sh\n',
        launchesPerSecond: 100,
        callsPerSecond: 100,
      },
      systemRuntime(),
      { endpoint: embedded.ec2.endpoint, credentials, retryMode: 'standard' },
      calls.hear,
    );
    const commands = ssmCommands(
      { region, documentPrefix: 'sortie-test' },
      systemRuntime(),
      { endpoint: embedded.ssm.endpoint, credentials },
      calls.hear,
    );
    return { calls, cloud, commands };
  }
  const change = (faults: object) => {
    const changed = embedded.faults.change(faults);
    if (!changed.ok) throw new Error(changed.error);
  };

  it('are heard by operation, with what they came to', async () => {
    const { calls, cloud, commands } = heard();
    const outcome = await cloud.launch(intent(1));
    const ec2 = outcome.kind === 'launched' ? outcome.ec2 : '';
    change({ capacity: [{ instanceType: 'm5.4xlarge' }] });
    await cloud.launch(intent(2, { instance_type: 'm5.4xlarge' }));
    await cloud.list();
    await commands.start(ec2, `${'0'.repeat(26)}-0-0` as never, 'http://127.0.0.1/bundle');
    await cloud.terminate('i-0000000000000dead');
    expect(calls.take()).toEqual([
      { operation: 'DescribeImages', error: 'none', times: 1 },
      { operation: 'RunInstances', error: 'none', times: 1 },
      { operation: 'RunInstances', error: 'capacity', times: 1 },
      { operation: 'DescribeInstances', error: 'none', times: 1 },
      { operation: 'SendCommand', error: 'consistency', times: 1 },
      { operation: 'TerminateInstances', error: 'consistency', times: 1 },
    ]);
    expect(calls.take()).toEqual([]);
  });

  it('that the SDK makes again by itself are heard each time', async () => {
    const { calls, cloud } = heard();
    const launched = await cloud.launch(intent(3));
    change({ lostReplies: { TerminateInstances: 1 } });
    await cloud.terminate(launched.kind === 'launched' ? launched.ec2 : '');
    const launching = ['DescribeImages', 'RunInstances'];
    expect(calls.take().filter(({ operation }) => !launching.includes(operation))).toEqual([
      { operation: 'TerminateInstances', error: 'unknown', times: 1 },
      { operation: 'TerminateInstances', error: 'none', times: 1 },
    ]);
  });
});
