import * as z from 'zod';
import { ok, type Result } from '../../../domain/kernel/result.ts';
import { clientFault, type Fault } from '../aws-json/serve.ts';
import type { LogStore, LogStream } from './log-store.ts';

/** As the service model has them (`LogGroupName`, `LogStreamName`). */
export const logGroupName = z
  .string()
  .min(1, 'Member must have length greater than or equal to 1')
  .max(512, 'Member must have length less than or equal to 512')
  .regex(/^[\w./#-]+$/, 'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+');
export const logStreamName = z
  .string()
  .min(1, 'Member must have length greater than or equal to 1')
  .max(512, 'Member must have length less than or equal to 512')
  .regex(/^[^:*]*$/, 'Member must satisfy regular expression pattern: [^:*]*');

export type FoundGroup = { id: number; retentionDays: number | null };

export function findGroup(store: LogStore, name: string): Result<FoundGroup, Fault> {
  const group = store.group(name);
  return group
    ? ok(group)
    : clientFault('ResourceNotFoundException', 'The specified log group does not exist.');
}

export function findStream(
  store: LogStore,
  names: { logGroupName: string; logStreamName: string },
): Result<{ group: FoundGroup; stream: LogStream }, Fault> {
  const group = findGroup(store, names.logGroupName);
  if (!group.ok) return group;
  const stream = store.stream(group.value.id, names.logStreamName);
  if (!stream) return clientFault('ResourceNotFoundException', 'The specified log stream does not exist.');
  return ok({ group: group.value, stream });
}
