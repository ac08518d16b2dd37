import type * as z from 'zod';
import type { Result } from '../../../domain/kernel/result.ts';
import { forgeryFault } from '../aws-json/serve.ts';
import { openLocalDatabase } from '../database.ts';
import { agentsFolder } from '../instance/agent-program.ts';
import { isAgentToken } from '../instance/agent-token.ts';
import { listen } from '../listen.ts';
import { type AwsError, awsError } from '../wire/aws-error.ts';
import type { Emit } from '../wire/aws-event.ts';
import { publishEndpoint } from '../wire/endpoints-file.ts';
import { answerFaults, createFaults, type FaultSwitches, faultsPath } from '../wire/faults.ts';
import { verifyRequest, type WireReply, type WireRequest, wireListener } from '../wire/http.ts';
import { parseJson } from '../wire/parse-json.ts';
import type { Credentials } from '../wire/signature.ts';
import { createThrottle } from '../wire/throttle.ts';
import { createTimers } from '../wire/timers.ts';
import { type Agents, createAgents } from './agents.ts';
import { createCommands } from './commands.ts';
import { openDocumentVersions } from './document-versions.ts';
import type { CommandRecord } from './invocation-record.ts';
import { getInvocation, listInvocations } from './invocations.ts';
import { answerJson, epochSeconds, refuseJson } from './json-protocol.ts';
import { describeNodes, type Node } from './nodes.ts';
import { openParameterStore } from './parameter-store.ts';
import * as parameters from './parameters.ts';
import { invalidRequest, throttled } from './refusals.ts';
import * as requests from './requests.ts';
import { openCommandStore } from './store.ts';

export type SsmOptions = {
  /** The folder of the embedded AWS, the same as EC2's. Absolute. */
  readonly data: string;
  /** By which requests are signed. */
  readonly credentials: Credentials;
  /** What exists to be sent; the content as an object or as its JSON. */
  readonly documents: readonly { readonly name: string; readonly content: unknown }[];
  /** EC2's word on an instance: `startEc2().stateOf`. */
  readonly stateOf: (instance: string) => string | undefined;
  readonly emit: Emit;
  readonly port?: number;
  readonly region?: string;
  readonly account?: string;
  readonly faults?: FaultSwitches;
  readonly now?: () => number;
};

export type Ssm = { readonly endpoint: string; readonly faults: FaultSwitches; close(): Promise<void> };

/**
 * The embedded SSM: SendCommand, GetCommandInvocation, ListCommandInvocations, CancelCommand,
 * DescribeInstanceInformation and Parameter Store over JSON 1.1, and the line to the instances' agents.
 */
export async function startSsm(options: SsmOptions): Promise<Ssm> {
  const { data, credentials, emit, stateOf, faults = createFaults(), now = Date.now } = options;
  const place = { region: options.region ?? 'us-east-1', account: options.account ?? '000000000000' };
  const database = openLocalDatabase(data);
  const documents = openDocumentVersions(database, options.documents);
  const store = openCommandStore(database);
  const timers = createTimers();
  const throttle = createThrottle(now);
  const lives = (instance: string) => ['pending', 'running'].includes(stateOf(instance) ?? '');
  const takesCommands = (instance: string) => lives(instance) && store.node(instance) !== undefined;

  const agents: Agents = createAgents(faults, timers, {
    isKnown: lives,
    isGenuine: (instance, token) => isAgentToken(token, credentials, instance),
    isRegistered: (instance) => store.node(instance) !== undefined,
    onConnect: (instance) => {
      const registeredAt = store.node(instance)?.registeredAt ?? now();
      store.saveNode({ instance, registeredAt, lastPingAt: now() });
      commands.redeliver(instance);
    },
    onDisconnect: (instance) => {
      const node = store.node(instance);
      if (node) store.saveNode({ ...node, lastPingAt: now() });
    },
    onMessage: (instance, message) => {
      if (message.type === 'started') commands.started(instance, message.delivery, message.at);
      else commands.finished(instance, message.delivery, message.result);
    },
  });
  const commands = createCommands({
    place,
    store,
    documents,
    agents: () => agents,
    faults,
    timers,
    takesCommands,
    emit,
    now,
  });

  const parameterCalls = parameters.parameterCalls(openParameterStore(data), place, now);

  const nodes = (): Node[] =>
    store
      .nodes()
      .filter(({ instance }) => lives(instance))
      .map((node) => {
        const connected = agents.isConnected(node.instance);
        const lastPingAt = connected ? now() : node.lastPingAt;
        const lost = now() - lastPingAt > faults.current.connectionLostAfterMs;
        return { ...node, lastPingAt, ping: lost ? 'ConnectionLost' : 'Online' };
      });

  const operations: Readonly<Record<string, (body: unknown) => WireReply>> = {
    SendCommand: reading(requests.sendCommandSchema, (call) => {
      const sent = commands.send(call);
      if (sent.ok && faults.losesReply('SendCommand')) return { kind: 'hang-up' };
      return sent.ok ? answerJson({ Command: commandJson(sent.value) }) : refuseJson(sent.error);
    }),
    GetCommandInvocation: reading(requests.getCommandInvocationSchema, (call) =>
      answer(getInvocation(store, call, now() - faults.current.invocationVisibleAfterMs)),
    ),
    ListCommandInvocations: reading(requests.listCommandInvocationsSchema, (call) =>
      answer(listInvocations(store, call)),
    ),
    CancelCommand: reading(requests.cancelCommandSchema, (call) => {
      const cancelled = commands.cancel(call.CommandId, call.InstanceIds);
      return cancelled.ok ? answerJson({}) : refuseJson(cancelled.error);
    }),
    DescribeInstanceInformation: reading(requests.describeInstanceInformationSchema, (call) =>
      answer(describeNodes(nodes(), call)),
    ),
    PutParameter: reading(parameters.putParameterSchema, (call) => answer(parameterCalls.put(call))),
    GetParameters: reading(parameters.getParametersSchema, (call) => answer(parameterCalls.get(call))),
    GetParametersByPath: reading(parameters.getParametersByPathSchema, (call) =>
      answer(parameterCalls.list(call)),
    ),
    DeleteParameter: reading(parameters.deleteParameterSchema, (call) => answer(parameterCalls.remove(call))),
  };

  const handle = (request: WireRequest): WireReply => {
    const verified = verifyRequest(request, credentials);
    if (!verified.ok) return refuseJson(forgeryFault(verified.error));
    if (request.path === faultsPath) return answerFaults(faults, request);
    if (faults.current.outage.includes('ssm')) return { kind: 'silence' };
    const [service, name = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const operation =
      service === 'AmazonSSM' && Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) return refuseJson(awsError('UnknownOperationException', ''));
    if (throttle.takes(name, 1, faults.current.throttle[name]) === 'throttled') return refuseJson(throttled);
    const body = parseJson(request.body || '{}');
    return body.ok ? operation(body.value) : refuseJson(awsError('SerializationException', body.error));
  };

  const server = await listen(wireListener(handle), options.port ?? 0, agents.upgrade);
  // While the service was away no agent could ping: the five minutes to ConnectionLost start anew.
  for (const node of store.nodes()) if (lives(node.instance)) store.saveNode({ ...node, lastPingAt: now() });
  commands.recover();
  publishEndpoint(agentsFolder(data), 'ssm', server.url);

  return {
    endpoint: server.url,
    faults,
    close: async () => {
      timers.close();
      agents.close();
      await server.close();
      database.close();
    },
  };
}

function reading<T>(schema: z.ZodType<T>, operate: (call: T) => WireReply): (body: unknown) => WireReply {
  return (body) => {
    const call = schema.safeParse(body);
    return call.success ? operate(call.data) : refuseJson(invalidRequest(call.error));
  };
}

const answer = (outcome: Result<object, AwsError>): WireReply =>
  outcome.ok ? answerJson(outcome.value) : refuseJson(outcome.error);

const commandJson = (command: CommandRecord): object => ({
  CommandId: command.id,
  DocumentName: command.document,
  DocumentVersion: command.documentVersion ?? '$DEFAULT',
  Comment: command.comment,
  Parameters: command.parameters,
  InstanceIds: command.instances,
  Targets: [],
  RequestedDateTime: epochSeconds(command.requestedAt),
  ExpiresAfter: epochSeconds(command.expiresAt),
  TimeoutSeconds: command.timeoutSeconds,
  Status: 'Pending',
  StatusDetails: 'Pending',
  TargetCount: command.instances.length,
  CompletedCount: 0,
  ErrorCount: 0,
  DeliveryTimedOutCount: 0,
  MaxConcurrency: '50',
  MaxErrors: '0',
});
