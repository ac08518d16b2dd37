import {
  DescribeInstanceInformationCommand,
  SendCommandCommand,
  SSMClient,
  type SSMClientConfig,
} from '@aws-sdk/client-ssm';
import type { Commands, Probe } from '../../domain/job/commands.ts';
import type { Runtime } from '../../domain/kernel/runtime.ts';
import { type Hear, hearing, perRequest } from '../metrics/per-request.ts';
import { timeouts } from '../timeouts.ts';
import { classifySsmError } from './error-classes.ts';
import { awaitOutputs } from './invocations.ts';
import { parseProbe } from './probe-answer.ts';

export interface SsmCommandsConfig {
  readonly region: string;
  /** The documents are `<prefix>-start-job`, `<prefix>-stop-job` and `<prefix>-probe`. */
  readonly documentPrefix: string;
  /** How long a probe waits for its instances' answers. Milliseconds; 10 s if absent. */
  readonly probePatience?: number;
}

type Parameters = Readonly<Record<string, string>>;

/** SSM takes as many instances in one call, of SendCommand and of a filter. */
const INSTANCES = 50;

// SSM gives a command up when its agent has not taken it within so many seconds; 30 is the least. A start that arrives later
// than this would be for an instance that we no longer count on.
const DELIVERY_SECONDS = 60;
const PROBE_DELIVERY_SECONDS = 30;
const PROBE_PATIENCE = 10_000;

/**
 * Commands through SSM Run Command. A lost reply to SendCommand is asked for again by the SDK and so may send twice, which
 * the job's directory makes harmless.
 */
export function ssmCommands(
  config: SsmCommandsConfig,
  runtime: Pick<Runtime, 'now' | 'pause'>,
  settings: SSMClientConfig = {},
  hear: Hear = () => {},
): Commands {
  const client = new SSMClient({ region: config.region, requestHandler: timeouts(10_000), ...settings });
  client.middlewareStack.addRelativeTo(hearing(hear, classifySsmError), perRequest);

  const send = async (
    ec2s: readonly string[],
    document: 'start-job' | 'stop-job' | 'probe',
    parameters: Parameters,
  ) => {
    const DocumentName = `${config.documentPrefix}-${document}`;
    try {
      const { Command } = await client.send(
        new SendCommandCommand({
          DocumentName,
          // The default version need not be the one that was deployed last: CloudFormation's `NewVersion` was seen to leave it.
          // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2539
          DocumentVersion: '$LATEST',
          InstanceIds: [...ec2s],
          Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
          TimeoutSeconds: document === 'probe' ? PROBE_DELIVERY_SECONDS : DELIVERY_SECONDS,
        }),
      );
      if (Command?.CommandId === undefined) throw new Error('SendCommand answered without a command');
      return { kind: 'sent' as const, command: Command.CommandId };
    } catch (error) {
      const failed = new Error(`${DocumentName} could not be sent to ${ec2s.join(', ')}`, { cause: error });
      if (!(error instanceof Error)) throw failed;
      const detail = `${error.name}: ${error.message}`;
      if (error.name === 'InvalidInstanceId') return { kind: 'unreachable' as const, detail };
      if (error.name === 'AccessDeniedException') return { kind: 'denied' as const, detail, failed };
      throw failed;
    }
  };

  /** To one instance: that it may not be sent there is an error, as nothing else will tell of it. */
  const sendTo = async (...[ec2, document, parameters]: [string, 'start-job' | 'stop-job', Parameters]) => {
    const sent = await send([ec2], document, parameters);
    if (sent.kind === 'denied') throw sent.failed;
    return sent;
  };

  const online = async (ec2s: readonly string[]): Promise<Set<string>> => {
    const answering = new Set<string>();
    for (const Values of batches(ec2s)) {
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new DescribeInstanceInformationCommand({
            Filters: [{ Key: 'InstanceIds', Values }],
            MaxResults: INSTANCES,
            ...(NextToken && { NextToken }),
          }),
        );
        for (const { InstanceId, PingStatus } of page.InstanceInformationList ?? [])
          if (InstanceId !== undefined && PingStatus === 'Online') answering.add(InstanceId);
        NextToken = page.NextToken;
      } while (NextToken);
    }
    return answering;
  };

  /**
   * One command to all of them. One that has left since `online`, or that lacks the tag by which commands are allowed, fails it
   * for all: it is found by halving.
   */
  const probeTogether = async (ec2s: readonly string[]): Promise<ReadonlyMap<string, Probe>> => {
    const sent = await send(ec2s, 'probe', {});
    if (sent.kind === 'sent') {
      const until = runtime.now() + (config.probePatience ?? PROBE_PATIENCE);
      const outputs = await awaitOutputs(client, runtime, { command: sent.command, ec2s, until });
      return new Map(
        [...outputs].map(([ec2, output]) => [
          ec2,
          output.kind === 'printed' ? parseProbe(output.text) : output,
        ]),
      );
    }
    const { detail } = sent;
    if (ec2s.length <= 1) return new Map(ec2s.map((ec2) => [ec2, { kind: 'unreachable', detail }]));
    const probes = await Promise.all(halves(ec2s).map(probeTogether));
    return new Map(probes.flatMap((half) => [...half]));
  };

  /** The errors of those that no command may be sent to. */
  const touchTogether = async (ec2s: readonly string[]): Promise<Error[]> => {
    const sent = await send(ec2s, 'probe', {});
    if (sent.kind === 'sent') return [];
    if (ec2s.length <= 1) return sent.kind === 'denied' ? [sent.failed] : [];
    const [first, second] = halves(ec2s);
    return [...(await touchTogether(first)), ...(await touchTogether(second))];
  };

  return {
    start: (ec2, submission, bundleUrl) => sendTo(ec2, 'start-job', { submission, bundleUrl }),
    stop: (ec2, submission, mode, reason) => sendTo(ec2, 'stop-job', { submission, mode, reason }),

    // One command after the other, as nobody waits for them: SSM throttles who sends many at once.
    async touch(ec2s) {
      const denied: Error[] = [];
      for (const batch of batches([...new Set(ec2s)])) denied.push(...(await touchTogether(batch)));
      if (denied.length > 0)
        throw new AggregateError(denied, denied.map(({ message }) => message).join('; '));
    },

    async probe(ec2s) {
      const asked = [...new Set(ec2s)];
      const answering = await online(asked);
      const silent: Probe = { kind: 'unreachable', detail: 'its SSM agent is not online' };
      const probes = new Map<string, Probe>(asked.map((ec2) => [ec2, silent]));
      const answers = await Promise.all(
        batches(asked.filter((ec2) => answering.has(ec2))).map(probeTogether),
      );
      for (const [ec2, probe] of answers.flatMap((answer) => [...answer])) probes.set(ec2, probe);
      return probes;
    },
  };
}

function halves(ec2s: readonly string[]): [string[], string[]] {
  const middle = Math.ceil(ec2s.length / 2);
  return [ec2s.slice(0, middle), ec2s.slice(middle)];
}

const batches = (ec2s: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ec2s.length / INSTANCES) }, (_, index) =>
    ec2s.slice(index * INSTANCES, (index + 1) * INSTANCES),
  );
