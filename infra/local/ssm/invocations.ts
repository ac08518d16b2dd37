import type * as z from 'zod';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { AwsError } from '../wire/aws-error.ts';
import { type CommandRecord, type InvocationRecord, statusOf } from './invocation-record.ts';
import { epochSeconds } from './json-protocol.ts';
import { badToken, unknownInvocation, unknownPlugin } from './refusals.ts';
import type { getCommandInvocationSchema, listCommandInvocationsSchema } from './requests.ts';
import type { CommandStore } from './store.ts';

/** ListCommandInvocations shows so much of the output. */
const listedOutput = 2500;

/** GetCommandInvocation. For a moment after SendCommand the invocation does not exist yet: eventual consistency. */
export function getInvocation(
  store: CommandStore,
  call: z.infer<typeof getCommandInvocationSchema>,
  visibleBefore: number,
): Result<object, AwsError> {
  const command = store.command(call.CommandId);
  const invocation = store.invocation(call.CommandId, call.InstanceId);
  if (!command || !invocation || command.requestedAt > visibleBefore) return fail(unknownInvocation);
  if (call.PluginName !== undefined && call.PluginName !== command.plugin) return fail(unknownPlugin);
  const { state } = invocation;
  const { status, details } = statusOf(state);
  const startedAt = state.is === 'pending' ? null : state.startedAt;
  const ended = state.is === 'ended' ? state : null;
  return ok({
    CommandId: command.id,
    InstanceId: invocation.instance,
    Comment: command.comment,
    DocumentName: command.document,
    DocumentVersion: command.documentVersion ?? '$DEFAULT',
    PluginName: command.plugin,
    ResponseCode: ended?.code ?? -1,
    ExecutionStartDateTime: startedAt === null ? '' : new Date(startedAt).toISOString(),
    ExecutionElapsedTime: startedAt !== null && ended ? `PT${(ended.endedAt - startedAt) / 1000}S` : '',
    ExecutionEndDateTime: ended ? new Date(ended.endedAt).toISOString() : '',
    Status: status,
    StatusDetails: details,
    StandardOutputContent: ended?.stdout ?? '',
    StandardOutputUrl: '',
    StandardErrorContent: ended?.stderr ?? '',
    StandardErrorUrl: '',
  });
}

export function listInvocations(
  store: CommandStore,
  call: z.infer<typeof listCommandInvocationsSchema>,
): Result<object, AwsError> {
  const after = call.NextToken === undefined ? Number.MAX_SAFE_INTEGER : Number(call.NextToken);
  if (!Number.isSafeInteger(after)) return fail(badToken);
  const listed: object[] = [];
  let row = after;
  for (;;) {
    const page = store.page({
      command: call.CommandId ?? null,
      instance: call.InstanceId ?? null,
      after: row,
      size: call.MaxResults,
    });
    for (const found of page) {
      row = found.row;
      const command = store.command(found.invocation.command);
      if (!command || !matches(command, found.invocation, call)) continue;
      listed.push(listedInvocation(command, found.invocation, call.Details ? 'with-output' : 'brief'));
      if (listed.length === call.MaxResults) break;
    }
    if (listed.length === call.MaxResults || page.length < call.MaxResults) break;
  }
  const full = listed.length === call.MaxResults;
  return ok({ CommandInvocations: listed, ...(full ? { NextToken: String(row) } : {}) });
}

type ListCall = z.infer<typeof listCommandInvocationsSchema>;

function matches(command: CommandRecord, { instance, state }: InvocationRecord, call: ListCall): boolean {
  if (call.InstanceId !== undefined && instance !== call.InstanceId) return false;
  return call.Filters.every(({ key, value }) => {
    switch (key) {
      case 'DocumentName':
        return command.document === value;
      case 'Status':
        return statusOf(state).status === value;
      case 'InvokedAfter':
        return command.requestedAt >= Date.parse(value);
      case 'InvokedBefore':
        return command.requestedAt < Date.parse(value);
    }
  });
}

function listedInvocation(
  command: CommandRecord,
  invocation: InvocationRecord,
  how: 'brief' | 'with-output',
): object {
  const { status, details } = statusOf(invocation.state);
  const common = { Status: status, StatusDetails: details, StandardOutputUrl: '', StandardErrorUrl: '' };
  return {
    CommandId: command.id,
    InstanceId: invocation.instance,
    InstanceName: '',
    Comment: command.comment,
    DocumentName: command.document,
    DocumentVersion: command.documentVersion ?? '$DEFAULT',
    RequestedDateTime: epochSeconds(command.requestedAt),
    ...common,
    CommandPlugins:
      how === 'brief' ? [] : [{ Name: command.plugin, ...common, ...pluginOutcome(invocation) }],
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
}

function pluginOutcome({ state }: InvocationRecord): object {
  if (state.is === 'pending' || state.startedAt === null) return { ResponseCode: -1, Output: '' };
  const started = { ResponseStartDateTime: epochSeconds(state.startedAt) };
  if (state.is !== 'ended') return { ...started, ResponseCode: -1, Output: '' };
  const output =
    state.stderr === '' ? state.stdout : `${state.stdout}\n----------ERROR-------\n${state.stderr}`;
  return {
    ...started,
    ResponseFinishDateTime: epochSeconds(state.endedAt),
    ResponseCode: state.code,
    Output: output.slice(0, listedOutput),
  };
}
