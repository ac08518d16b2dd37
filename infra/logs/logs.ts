import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  CreateLogStreamCommand,
  GetLogEventsCommand,
  type InputLogEvent,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type LogChunk, type Logs, LogsBusy } from '../../domain/job/logs.ts';
import type { SubmissionId } from '../../domain/kernel/ids.ts';
import type { Runtime } from '../../domain/kernel/runtime.ts';
import { timeouts } from '../timeouts.ts';
import { decodeMessage, encodeChunk } from './message.ts';
import { tailOf, unread } from './unread.ts';

export interface CloudWatchLogsConfig {
  readonly region: string;
  readonly group: string;
}

/** A PutLogEvents call: its messages and 26 bytes for each. At most 10,000 of them, which pieces of 128 KiB never reach. */
const BATCH_BYTES = 1_048_576;
const EVENT_BYTES = 26;

/** Pages one `read` goes through for the next unread byte: those of a long log whose token was lost, or empty ones. */
const PAGES = 20;

/** The end of a log is read in one call: so many of the last events, of which a chatty job writes two a second. */
const TAIL_EVENTS = 200;

/** How far the clocks of two of our functions, or CloudWatch's indexing, may be apart. */
const GAP_WINDOW = 60_000;

/** Output of jobs in CloudWatch Logs, a stream for each submission. Throws what is not recorded. */
export function cloudWatchLogs(
  config: CloudWatchLogsConfig,
  runtime: Pick<Runtime, 'now'>,
  settings: CloudWatchLogsClientConfig = {},
): Logs {
  const client = new CloudWatchLogsClient({
    region: config.region,
    requestHandler: timeouts(10_000),
    ...settings,
  });
  // Ten reads a second are all of the account's in a region: one that is refused is not tried again here.
  const reader = new CloudWatchLogsClient({
    region: config.region,
    requestHandler: timeouts(10_000),
    maxAttempts: 1,
    ...settings,
  });
  const logGroupName = config.group;

  const createStream = async (logStreamName: string): Promise<void> => {
    try {
      await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    } catch (error) {
      if (!named(error, 'ResourceAlreadyExistsException')) throw error;
    }
  };

  const put = async (logStreamName: string, logEvents: InputLogEvent[]): Promise<void> => {
    const command = new PutLogEventsCommand({ logGroupName, logStreamName, logEvents });
    const answer = await client.send(command).catch(async (error: unknown) => {
      if (!named(error, 'ResourceNotFoundException')) throw error;
      await createStream(logStreamName);
      return client.send(command);
    });
    // Events outside of CloudWatch's time range are dropped, and the call succeeds all the same.
    const { rejectedLogEventsInfo: rejected } = answer;
    if (rejected !== undefined)
      throw new Error(`${logGroupName}/${logStreamName}: log events refused: ${JSON.stringify(rejected)}`);
  };

  return {
    async write(submission, chunk) {
      // Our clock, not the instance's: a stream is read in the order of its times, and theirs may jump back.
      const timestamp = runtime.now();
      const events = encodeChunk(chunk).map((message) => ({ timestamp, message }));
      for (const batch of batches(events)) await put(submission, batch);
    },

    async read(submission, from) {
      let { offset, token } = from;
      for (let page = 0; page < PAGES; page++) {
        const got = await pageOf(submission, token === null ? {} : { nextToken: token });
        if (got === 'nothing-yet') break;
        if (got === 'bad-token') {
          token = null;
          continue;
        }
        const fresh = await withoutGap(submission, got, offset);
        // The same token again: the end, for now.
        const atEnd = got.token === token;
        ({ offset } = fresh);
        ({ token } = got);
        if (fresh.chunks.length > 0 || atEnd) return { chunks: fresh.chunks, next: { offset, token } };
      }
      return { chunks: [], next: { offset, token } };
    },

    async tail(submission, bytes) {
      const got = await pageOf(submission, { startFromHead: false, limit: TAIL_EVENTS });
      return typeof got === 'string' ? new Uint8Array() : tailOf(got.chunks, bytes);
    },
  };

  /** What a page adds. Events of two writers may appear, or be dated, in the other order: a gap is looked for once. */
  async function withoutGap(submission: SubmissionId, { chunks, since }: LogEvents, offset: number) {
    const fresh = unread(chunks, offset);
    if (since === undefined || (fresh.chunks[0]?.offset ?? offset) === offset) return fresh;
    const around = await pageOf(submission, { startTime: Math.max(0, since - GAP_WINDOW) });
    return typeof around === 'string' ? fresh : unread([...around.chunks, ...chunks], offset);
  }

  async function pageOf(
    logStreamName: SubmissionId,
    where: { nextToken?: string; startTime?: number; startFromHead?: false; limit?: number },
  ): Promise<LogEvents | 'nothing-yet' | 'bad-token'> {
    try {
      const input = { logGroupName, logStreamName, startFromHead: true, ...where };
      const { events = [], nextForwardToken } = await reader.send(new GetLogEventsCommand(input));
      const chunks = events.map(({ message = '' }) => decodeMessage(message));
      return { chunks, since: events[0]?.timestamp, token: nextForwardToken ?? null };
    } catch (error) {
      // Tokens live for 24 hours, and come back from outside: from the head, the offset still tells what has been read.
      if (where.nextToken !== undefined && named(error, 'InvalidParameterException')) return 'bad-token';
      if (named(error, 'ResourceNotFoundException') && /log stream/i.test(error.message))
        return 'nothing-yet';
      if (named(error, 'ThrottlingException'))
        throw new LogsBusy('CloudWatch Logs is asked for output too often', { cause: error });
      throw error;
    }
  }
}

/** A page of a stream; `since` is the time of its first event. */
interface LogEvents {
  readonly chunks: readonly LogChunk[];
  readonly since: number | undefined;
  readonly token: string | null;
}

function batches(events: readonly InputLogEvent[]): InputLogEvent[][] {
  const all: InputLogEvent[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const bytes = Buffer.byteLength(event.message ?? '') + EVENT_BYTES;
    if (size + bytes > BATCH_BYTES) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(event);
    size += bytes;
  }
  return all;
}

const named = (error: unknown, name: string): error is Error => error instanceof Error && error.name === name;
