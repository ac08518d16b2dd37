import * as z from 'zod';
import { ok, type Result } from '../../../domain/kernel/result.ts';
import { clientFault, type Fault } from '../aws-json/serve.ts';
import { HEAD, type LogPosition, type LogStore, type StoredEvent, TAIL } from './log-store.ts';
import { findStream, logGroupName, logStreamName } from './names.ts';

/** A page holds 1 MB, up to 10,000 events. Source: API reference of GetLogEvents. */
const PAGE_BYTES = 1_048_576;
const PAGE_EVENTS = 10_000;

export const getLogEventsInput = z.object({
  logGroupName,
  logStreamName,
  startTime: z.number().int().min(0).default(0),
  endTime: z.number().int().min(0).default(Number.MAX_SAFE_INTEGER),
  nextToken: z.string().optional(),
  limit: z.number().int().min(1).max(PAGE_EVENTS).default(PAGE_EVENTS),
  startFromHead: z.boolean().default(false),
});

/** One page of a stream. At an end of it the token of that direction comes back unchanged: nothing more for now. */
export function getLogEvents(
  store: LogStore,
  input: z.infer<typeof getLogEventsInput>,
): Result<object, Fault> {
  const found = findStream(store, input);
  if (!found.ok) return found;
  const token = input.nextToken === undefined ? null : readToken(input.nextToken);
  if (token === 'invalid')
    return clientFault('InvalidParameterException', 'The specified nextToken is invalid.');
  const direction = token?.direction ?? (input.startFromHead ? 'forward' : 'backward');
  const events: StoredEvent[] = [];
  let size = 0;
  const range = {
    direction,
    after: direction === 'forward' ? (token?.position ?? HEAD) : HEAD,
    before: direction === 'backward' ? (token?.position ?? TAIL) : TAIL,
    from: input.startTime,
    until: input.endTime,
    limit: input.limit,
  };
  for (const event of store.read(found.value.stream.id, range)) {
    size += Buffer.byteLength(event.message);
    if (size > PAGE_BYTES && events.length > 0) break;
    events.push(event);
  }
  if (direction === 'backward') events.reverse();
  const edge = token?.position ?? HEAD;
  const [first, last] = [events[0], events.at(-1)];
  // A token names what lies beyond it, either way: at an empty page the two differ by the event in between.
  const empty =
    direction === 'forward'
      ? { forward: edge, backward: next(edge) }
      : { forward: before(edge), backward: edge };
  return ok({
    events: events.map(({ timestamp, message, ingestedAt }) => ({
      timestamp,
      message,
      ingestionTime: ingestedAt,
    })),
    nextForwardToken: writeToken('f', last ?? empty.forward),
    nextBackwardToken: writeToken('b', first ?? empty.backward),
  });
}

const next = ({ timestamp, id }: LogPosition): LogPosition => ({ timestamp, id: id + 1 });
const before = ({ timestamp, id }: LogPosition): LogPosition => ({ timestamp, id: Math.max(0, id - 1) });

function writeToken(direction: 'f' | 'b', { timestamp, id }: LogPosition): string {
  return `${direction}/${String(timestamp).padStart(20, '0')}${String(id).padStart(36, '0')}/s`;
}

function readToken(text: string): { direction: 'forward' | 'backward'; position: LogPosition } | 'invalid' {
  const [, direction, timestamp, id] = /^([fb])\/(\d{20})(\d{36})\/s$/.exec(text) ?? [];
  if (direction === undefined) return 'invalid';
  const position = { timestamp: Number(timestamp), id: Number(id) };
  return { direction: direction === 'f' ? 'forward' : 'backward', position };
}
