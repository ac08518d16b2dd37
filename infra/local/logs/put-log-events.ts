import * as z from 'zod';
import { ok, type Result } from '../../../domain/kernel/result.ts';
import { clientFault, type Fault } from '../aws-json/serve.ts';
import type { LogEvent, LogStore } from './log-store.ts';
import { findStream, logGroupName, logStreamName } from './names.ts';

/** Limits of a batch. Source: API reference of PutLogEvents. */
const BATCH_BYTES = 1_048_576;
const BYTES_PER_EVENT = 26;
const EVENT_BYTES = 1_048_576;
const EVENTS = 10_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * HOUR_MS;

export const putLogEventsInput = z.object({
  logGroupName,
  logStreamName,
  logEvents: z
    .array(z.object({ timestamp: z.number().int().min(0), message: z.string().min(1) }))
    .min(1, 'Member must have length greater than or equal to 1')
    .max(EVENTS, `Member must have length less than or equal to ${EVENTS}`),
});

/** Stores a batch. Events too old or too new are left out and reported; a batch that breaks a limit is refused whole. */
export function putLogEvents(
  store: LogStore,
  now: () => number,
  input: z.infer<typeof putLogEventsInput>,
): Result<object, Fault> {
  const found = findStream(store, input);
  if (!found.ok) return found;
  const { group, stream } = found.value;
  const events = input.logEvents;
  const broken = brokenLimit(events);
  if (broken) return clientFault('InvalidParameterException', broken);
  const [oldest, newest] = [now() - OLDEST_MS, now() + NEWEST_MS];
  const expiry = group.retentionDays === null ? 0 : now() - group.retentionDays * DAY_MS;
  const tooOld = events.filter(({ timestamp }) => timestamp < oldest).length;
  const expired = events.filter(({ timestamp }) => timestamp < expiry).length;
  const tooNew = events.filter(({ timestamp }) => timestamp > newest).length;
  const accepted = events.slice(Math.max(tooOld, expired), events.length - tooNew);
  const [first, last] = [accepted[0], accepted.at(-1)];
  if (first && last && last.timestamp - first.timestamp > DAY_MS) {
    const span = 'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.';
    return clientFault('InvalidParameterException', span);
  }
  store.append(stream.id, accepted);
  const rejected = {
    ...(tooNew > 0 ? { tooNewLogEventStartIndex: events.length - tooNew } : {}),
    ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
    ...(expired > tooOld ? { expiredLogEventEndIndex: expired } : {}),
  };
  return ok({
    nextSequenceToken: '0',
    ...(Object.keys(rejected).length > 0 ? { rejectedLogEventsInfo: rejected } : {}),
  });
}

function brokenLimit(events: readonly LogEvent[]): string | null {
  let size = 0;
  let previous = 0;
  for (const { timestamp, message } of events) {
    const bytes = Buffer.byteLength(message);
    if (bytes > EVENT_BYTES) return `Log event too large: ${bytes} bytes exceeds limit of ${EVENT_BYTES}`;
    if (timestamp < previous) {
      return 'Log events in a single PutLogEvents request must be in chronological order.';
    }
    previous = timestamp;
    size += bytes + BYTES_PER_EVENT;
  }
  return size > BATCH_BYTES ? `Upload too large: ${size} bytes exceeds limit of ${BATCH_BYTES}` : null;
}
