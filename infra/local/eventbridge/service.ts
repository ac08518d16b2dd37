import * as z from 'zod';
import { ok } from '../../../domain/kernel/result.ts';
import { type JsonService, operation } from '../aws-json/serve.ts';
import type { Buses } from './buses.ts';

/** An entry, and a request, may have 1 MB (since 2026; 256 KB before). Source: API reference of PutEvents. */
const SIZE_LIMIT = 1_048_576;
const ENTRY_LIMIT = 10;

const entrySchema = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  EventBusName: z.string().optional(),
  Time: z.number().optional(),
});
type Entry = z.infer<typeof entrySchema>;
type Refusal = { ErrorCode: string; ErrorMessage: string };

/** PutEvents: each entry is accepted or refused by itself. Rules and targets are the buses' business. */
export function eventBridgeService(buses: Buses): JsonService {
  return {
    target: 'AWSEvents',
    version: '1.1',
    operations: {
      PutEvents: operation(
        z.object({
          Entries: z
            .array(entrySchema)
            .min(1, 'Member must have length greater than or equal to 1')
            .max(ENTRY_LIMIT, 'Member must have length less than or equal to 10'),
        }),
        'ValidationException',
        ({ Entries }) => {
          const whole = Entries.reduce((sum, entry) => sum + entrySize(entry), 0);
          const results = Entries.map((entry) => refusal(entry, whole) ?? accept(buses, entry));
          return ok({
            FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
            Entries: results,
          });
        },
      ),
    },
  };
}

function accept(buses: Buses, entry: Entry): { EventId: string } {
  const bus = entry.EventBusName?.split('/').at(-1) ?? 'default';
  const EventId = buses.emit({
    bus,
    source: entry.Source ?? '',
    detailType: entry.DetailType ?? '',
    detail: JSON.parse(entry.Detail ?? '{}') as unknown,
    ...(entry.Resources ? { resources: entry.Resources } : {}),
    ...(entry.Time === undefined ? {} : { time: new Date(entry.Time * 1000) }),
  });
  return { EventId };
}

/** Codes and sentences as AWS's, in its order of checks. */
function refusal(entry: Entry, wholeSize: number): Refusal | null {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (entry[name]) continue;
    const ErrorMessage = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage };
  }
  if (entry.Source?.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (wholeSize > SIZE_LIMIT) {
    const ErrorMessage = `Total size of the entries in the request is over the limit: ${wholeSize} > ${SIZE_LIMIT}.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage };
  }
  return isObject(entry.Detail ?? '')
    ? null
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

/** As the user guide counts it: 14 bytes for a time, else the UTF-8 of the texts. */
function entrySize(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  return bytes + (entry.Time === undefined ? 0 : 14);
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
