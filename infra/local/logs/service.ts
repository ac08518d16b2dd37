import * as z from 'zod';
import { ok } from '../../../domain/kernel/result.ts';
import { clientFault, type JsonService, operation } from '../aws-json/serve.ts';
import { createThrottle } from '../wire/throttle.ts';
import { getLogEvents, getLogEventsInput } from './get-log-events.ts';
import type { LogStore } from './log-store.ts';
import { findGroup, findStream, logGroupName, logStreamName } from './names.ts';
import { putLogEvents, putLogEventsInput } from './put-log-events.ts';

const INVALID = 'InvalidParameterException';
const both = z.object({ logGroupName, logStreamName });

/** The calls of CloudWatch Logs that write and read job logs. Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/ */
export function logsService(
  store: LogStore,
  options: {
    region: string;
    account: string;
    now?: () => number;
    /** GetLogEvents of all streams; without: any number. AWS: 10, of an account in a region (CloudWatch Logs quotas). */
    readsPerSecond?: number;
  },
): JsonService {
  const now = options.now ?? Date.now;
  const reads = createThrottle(() => performance.now());
  const rate = options.readsPerSecond;
  const limit = rate === undefined ? undefined : { burst: rate, perSecond: rate };
  const arn = (group: string) => `arn:aws:logs:${options.region}:${options.account}:log-group:${group}`;
  const exists = (what: string) =>
    clientFault('ResourceAlreadyExistsException', `The specified ${what} already exists`);
  return {
    target: 'Logs_20140328',
    version: '1.1',
    operations: {
      CreateLogGroup: operation(z.object({ logGroupName }), INVALID, (input) =>
        store.addGroup(input.logGroupName, null) === 'added' ? ok({}) : exists('log group'),
      ),
      CreateLogStream: operation(both, INVALID, (input) => {
        const group = findGroup(store, input.logGroupName);
        if (!group.ok) return group;
        return store.addStream(group.value.id, input.logStreamName) === 'added'
          ? ok({})
          : exists('log stream');
      }),
      DeleteLogStream: operation(both, INVALID, (input) => {
        const found = findStream(store, input);
        if (!found.ok) return found;
        store.removeStream(found.value.stream.id);
        return ok({});
      }),
      DescribeLogStreams: operation(
        z.object({
          logGroupName,
          logStreamNamePrefix: z.string().default(''),
          limit: z.number().int().min(1).max(50).default(50),
        }),
        INVALID,
        (input) => {
          const group = findGroup(store, input.logGroupName);
          if (!group.ok) return group;
          const streams = store.streams(group.value.id, input.logStreamNamePrefix, input.limit);
          return ok({
            logStreams: streams.map(({ name, createdAt, first, last, ingestedAt }) => ({
              logStreamName: name,
              creationTime: createdAt,
              ...(first === null ? {} : { firstEventTimestamp: first, lastEventTimestamp: last }),
              ...(ingestedAt === null ? {} : { lastIngestionTime: ingestedAt }),
              arn: `${arn(input.logGroupName)}:log-stream:${name}`,
              storedBytes: 0,
            })),
          });
        },
      ),
      PutLogEvents: operation(putLogEventsInput, INVALID, (input) => putLogEvents(store, now, input)),
      GetLogEvents: operation(getLogEventsInput, INVALID, (input) =>
        reads.takes('GetLogEvents', 1, limit) === 'passes'
          ? getLogEvents(store, input)
          : clientFault('ThrottlingException', 'Rate exceeded'),
      ),
    },
  };
}
