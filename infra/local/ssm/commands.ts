import { randomUUID } from 'node:crypto';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { CommandOrder, CommandResult } from '../instance/protocol.ts';
import type { AwsError } from '../wire/aws-error.ts';
import { type AwsEvent, awsEvent, type Emit, instanceArn, type Place } from '../wire/aws-event.ts';
import type { FaultSwitches } from '../wire/faults.ts';
import type { Timers } from '../wire/timers.ts';
import type { Agents } from './agents.ts';
import type { DocumentVersions } from './document-versions.ts';
import { renderDocument } from './documents.ts';
import {
  type CommandRecord,
  type Ending,
  type InvocationRecord,
  type InvocationState,
  statusOf,
} from './invocation-record.ts';
import {
  accessDenied,
  duplicateInstances,
  invalidInstances,
  tooLarge,
  unknownCommand,
  unknownDocument,
  unknownVersion,
} from './refusals.ts';
import type { SendCommandCall } from './requests.ts';
import type { CommandStore } from './store.ts';

/** A document with its parameters: https://docs.aws.amazon.com/general/latest/gr/ssm.html */
const maxCommandBytes = 64 * 1024;

export type Commands = {
  send(call: SendCommandCall): Result<CommandRecord, AwsError>;
  cancel(command: string, instances: readonly string[]): Result<void, AwsError>;
  /** Sends out what an agent has not confirmed; it ignores what it knows. */
  redeliver(instance: string): void;
  started(instance: string, delivery: string, at: number): void;
  finished(instance: string, delivery: string, result: CommandResult): void;
  recover(): void;
};

/** Commands from SendCommand to their end. */
export function createCommands(context: {
  readonly place: Place;
  readonly store: CommandStore;
  readonly documents: DocumentVersions;
  readonly agents: () => Agents;
  readonly faults: FaultSwitches;
  readonly timers: Timers;
  readonly takesCommands: (instance: string) => boolean;
  readonly emit: Emit;
  readonly now: () => number;
}): Commands {
  const { store, place, now, timers } = context;

  const move = (invocation: InvocationRecord, state: InvocationState) => {
    const next = { ...invocation, state };
    store.save(next);
    const command = store.command(invocation.command);
    if (command) context.emit(statusChanged(place, now(), command, next));
  };

  const end = (
    invocation: InvocationRecord,
    ending: Omit<Ending, 'startedAt' | 'endedAt'>,
    result?: CommandResult,
  ) => {
    if (invocation.state.is === 'ended') return;
    const startedAt =
      result?.startedAt ?? (invocation.state.is === 'pending' ? null : invocation.state.startedAt);
    move(invocation, { is: 'ended', ...ending, startedAt, endedAt: result?.finishedAt ?? now() });
  };

  const expire = (command: string) => {
    for (const invocation of store.invocationsOf(command)) end(invocation, deliveryTimedOut);
  };

  const deliver = (command: CommandRecord, script: string, instance: string) => {
    const { timeoutMs, startBefore, workingDirectory } = command;
    const order: CommandOrder = { script, timeoutMs, startBefore, workingDirectory };
    context.agents().deliver(instance, deliveryOf(command.id, instance), order);
  };

  return {
    send(call) {
      // IAM decides before SSM reads anything else, on all instances of the call together.
      const denied = call.InstanceIds.find((one) => context.faults.current.deniedCommands.includes(one));
      if (denied !== undefined) return fail(accessDenied(instanceArn(place, denied)));
      if (!context.documents.has(call.DocumentName)) return fail(unknownDocument(call.DocumentName));
      const document = context.documents.find(call.DocumentName, call.DocumentVersion);
      if (!document) return fail(unknownVersion(call.DocumentVersion));
      if (new Set(call.InstanceIds).size < call.InstanceIds.length) return fail(duplicateInstances);
      const rendered = renderDocument(document, call.Parameters);
      if (!rendered.ok) return rendered;
      if (document.bytes + Buffer.byteLength(JSON.stringify(call.Parameters)) > maxCommandBytes)
        return fail(tooLarge);
      const absent = call.InstanceIds.filter((instance) => !context.takesCommands(instance));
      if (absent.length > 0) return fail(invalidInstances(absent, place.account));

      const second = context.faults.current.timeoutSecondMs;
      const { script, timeoutSeconds, workingDirectory } = rendered.value;
      const command: CommandRecord = {
        id: randomUUID(),
        document: document.name,
        documentVersion: call.DocumentVersion,
        plugin: document.content.mainSteps[0].name,
        comment: call.Comment,
        parameters: call.Parameters,
        instances: call.InstanceIds,
        requestedAt: now(),
        timeoutSeconds: call.TimeoutSeconds,
        startBefore: now() + call.TimeoutSeconds * second,
        expiresAt: now() + (call.TimeoutSeconds + timeoutSeconds) * second,
        timeoutMs: timeoutSeconds * second,
        workingDirectory,
      };
      store.add(command, script);
      timers.at(command.expiresAt, () => expire(command.id));
      for (const instance of command.instances) deliver(command, script, instance);
      return ok(command);
    },
    cancel(id, instances) {
      const command = store.command(id);
      if (!command) return fail(unknownCommand(id));
      const strange = instances.filter((instance) => !command.instances.includes(instance));
      if (strange.length > 0) return fail(invalidInstances(strange, place.account));
      for (const invocation of store.invocationsOf(id)) {
        if (instances.length > 0 && !instances.includes(invocation.instance)) continue;
        const { state, instance } = invocation;
        if (state.is === 'ended') continue;
        if (state.is === 'in-progress') move(invocation, { is: 'cancelling', startedAt: state.startedAt });
        if (state.is === 'pending') end(invocation, cancelled(-1));
        context.agents().cancel(instance, deliveryOf(id, instance));
      }
      return ok(undefined);
    },
    redeliver(instance) {
      for (const invocation of store.live(instance)) {
        const command = store.command(invocation.command);
        if (!command) continue;
        if (invocation.state.is === 'pending' && now() < command.startBefore) {
          deliver(command, store.script(command.id), instance);
        }
        if (invocation.state.is === 'cancelling')
          context.agents().cancel(instance, deliveryOf(command.id, instance));
      }
    },
    started(instance, delivery, at) {
      const invocation = invocationOf(store, instance, delivery);
      if (invocation?.state.is === 'pending') move(invocation, { is: 'in-progress', startedAt: at });
    },
    finished(instance, delivery, result) {
      const invocation = invocationOf(store, instance, delivery);
      if (invocation) end(invocation, endingOf(result), result);
    },
    recover() {
      for (const id of new Set(store.live().map(({ command }) => command))) {
        timers.at(store.command(id)?.expiresAt ?? 0, () => expire(id));
      }
    },
  };
}

const deliveryOf = (command: string, instance: string): string => `${command}/${instance}`;

function invocationOf(store: CommandStore, instance: string, delivery: string): InvocationRecord | undefined {
  const [command = '', of] = delivery.split('/');
  return of === instance ? store.invocation(command, instance) : undefined;
}

const silent = { stdout: '', stderr: '' };
const deliveryTimedOut = { status: 'TimedOut', details: 'DeliveryTimedOut', code: -1, ...silent } as const;
const cancelled = (code: number) => ({ status: 'Cancelled', details: 'Cancelled', code, ...silent }) as const;

function endingOf({ end, code, stdout, stderr }: CommandResult): Omit<Ending, 'startedAt' | 'endedAt'> {
  if (end === 'too-late') return deliveryTimedOut;
  if (end === 'cancelled') return { ...cancelled(code), stdout, stderr };
  if (end === 'timed-out') return { status: 'TimedOut', details: 'ExecutionTimedOut', code, stdout, stderr };
  const status = code === 0 ? 'Success' : 'Failed';
  return { status, details: status, code, stdout, stderr };
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html */
const statusChanged = (
  place: Place,
  at: number,
  command: CommandRecord,
  { instance, state }: InvocationRecord,
): AwsEvent =>
  awsEvent(place, at, {
    source: 'aws.ssm',
    'detail-type': 'EC2 Command Invocation Status-change Notification',
    resources: [instanceArn(place, instance)],
    detail: {
      'command-id': command.id,
      'document-name': command.document,
      'instance-id': instance,
      'requested-date-time': new Date(command.requestedAt).toISOString(),
      status: statusOf(state).status,
    },
  });
