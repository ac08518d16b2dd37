import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2Client, RunInstancesCommand, type RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { type Ec2, startEc2 } from '../../../../infra/local/ec2/start-ec2.ts';
import type { Inherited } from '../../../../infra/local/environment.ts';
import { processesMarked } from '../../../../infra/local/instance/processes.ts';
import type { SandboxKind } from '../../../../infra/local/instance/sandbox.ts';
import { startSsm } from '../../../../infra/local/ssm/start-ssm.ts';
import type { AwsEvent } from '../../../../infra/local/wire/aws-event.ts';
import { createFaults, type FaultSwitches } from '../../../../infra/local/wire/faults.ts';
import { catalogue } from './catalogue.ts';
import { large, restricted, runShell } from './documents.ts';
import { until } from './until.ts';

export type Cloud = {
  readonly data: string;
  /** A folder that commands see as well: they do not see `data`. */
  readonly marks: string;
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  readonly service: Ec2;
  readonly endpoints: { readonly ec2: string; readonly ssm: string };
  readonly faults: FaultSwitches;
  readonly events: AwsEvent[];
  launch(input?: Partial<RunInstancesCommandInput>): Promise<string[]>;
  online(instances: readonly string[]): Promise<void>;
  /** Sends shell lines to instances, gives the command's id. */
  send(instances: readonly string[], commands: readonly string[]): Promise<string>;
  ended(command: string, instance: string): Promise<Invocation>;
  stop(): Promise<void>;
};
export type Invocation = { status: string; details: string; code: number; stdout: string; stderr: string };

export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export const clientSettings = {
  region: 'us-east-1',
  credentials,
  maxAttempts: 1,
};

/** The embedded EC2 and SSM with the real clients. `stop` ends all instances and fails if a process is left. */
export async function startCloud(
  options: {
    faults?: Parameters<typeof createFaults>[0];
    sandbox?: SandboxKind;
    hides?: readonly string[];
    now?: () => number;
    inherited?: Inherited;
  } = {},
): Promise<Cloud> {
  const data = mkdtempSync(join(tmpdir(), 'sortie-cloud-'));
  const marks = mkdtempSync(join(tmpdir(), 'sortie-marks-'));
  const faults = createFaults({ invocationVisibleAfterMs: 0, ...options.faults });
  const events: AwsEvent[] = [];
  const shared = {
    data,
    credentials,
    faults,
    emit: (event: AwsEvent) => events.push(event),
    now: options.now ?? Date.now,
  };
  const service = await startEc2({
    ...shared,
    catalogue,
    ...(options.sandbox === undefined ? {} : { sandbox: options.sandbox }),
    ...(options.hides === undefined ? {} : { hides: options.hides }),
    ...(options.inherited === undefined ? {} : { inherited: options.inherited }),
  });
  const commands = await startSsm({
    ...shared,
    stateOf: service.stateOf,
    documents: [runShell, restricted, large],
  });
  const ec2 = new EC2Client({ ...clientSettings, endpoint: service.endpoint });
  const ssm = new SSMClient({ ...clientSettings, endpoint: commands.endpoint });
  return {
    data,
    marks,
    ec2,
    ssm,
    service,
    endpoints: { ec2: service.endpoint, ssm: commands.endpoint },
    faults,
    events,
    ...calls(ec2, ssm),
    stop: async () => {
      await service.terminateAll();
      await commands.close();
      await service.close();
      ec2.destroy();
      ssm.destroy();
      const strays = straysOf(data);
      for (const folder of [data, marks]) rmSync(folder, { recursive: true, force: true });
      if (strays.length > 0) throw new Error(`processes were left over: ${strays.join(', ')}`);
    },
  };
}

/** Every process of any instance of this folder, by the marker in its environment. */
export const straysOf = (data: string, instance?: string): number[] =>
  processesMarked((entry) =>
    instance === undefined
      ? entry.startsWith('SORTIE_SANDBOX=') && entry.endsWith(`@${data}`)
      : entry === `SORTIE_SANDBOX=${instance}@${data}`,
  );

export function calls(ec2: EC2Client, ssm: SSMClient): Pick<Cloud, 'launch' | 'online' | 'send' | 'ended'> {
  return {
    launch: async (input = {}) => {
      const launched = await ec2.send(
        new RunInstancesCommand({
          ImageId: 'ami-0123456789abcdef0',
          InstanceType: 'm5.large',
          MinCount: 1,
          MaxCount: 1,
          InstanceInitiatedShutdownBehavior: 'terminate',
          ...input,
        }),
      );
      return (launched.Instances ?? []).map(({ InstanceId }) => InstanceId ?? '');
    },
    online: async (instances) => {
      const Filters = [{ Key: 'InstanceIds', Values: [...instances] }];
      await until(async () => {
        const { InstanceInformationList: known } = await ssm.send(
          new DescribeInstanceInformationCommand({ Filters }),
        );
        return known?.filter(({ PingStatus }) => PingStatus === 'Online').length === instances.length;
      });
    },
    send: async (instances, commands) => {
      const sent = await ssm.send(
        new SendCommandCommand({
          DocumentName: runShell.name,
          InstanceIds: [...instances],
          Parameters: { commands: [...commands] },
        }),
      );
      return sent.Command?.CommandId ?? '';
    },
    ended: (CommandId, InstanceId) =>
      until(async () => {
        const seen = await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
        return (
          !['Pending', 'InProgress', 'Cancelling'].includes(seen.Status ?? '') && {
            status: seen.Status ?? '',
            details: seen.StatusDetails ?? '',
            code: seen.ResponseCode ?? -1,
            stdout: seen.StandardOutputContent ?? '',
            stderr: seen.StandardErrorContent ?? '',
          }
        );
      }),
  };
}

/** The refusal that a call meets: its code is the error's name. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ name: string; status: number; message: string }> {
  const refused = await call.then(
    () => undefined,
    (error: { name: string; message: string; $metadata?: { httpStatusCode?: number } }) => error,
  );
  if (!refused) throw new Error('the call was expected to be refused, and was not');
  return { name: refused.name, status: refused.$metadata?.httpStatusCode ?? 0, message: refused.message };
}
