import * as z from 'zod';
import type { Outcome } from '../functions/invoke.ts';
import type { StreamMapping } from '../service/deployment.ts';
import type { StreamRecord } from './streams-api.ts';

export type BatchPorts = {
  invoke: (records: readonly StreamRecord[]) => Promise<Outcome>;
  /** These records need no more: handled, or given up. */
  done: (records: readonly StreamRecord[]) => void;
  giveUp: (letter: GivenUp) => void;
  /** Before the n-th retry (from 1) of the same records. */
  backOff: (retry: number) => Promise<void>;
  now: () => number;
};

export type GivenUp = {
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  records: readonly StreamRecord[];
  requestId: string;
  invocations: number;
};

type Part = { records: readonly StreamRecord[]; failures: number; requestId: string };
type Settings = Pick<StreamMapping, 'retries' | 'maximumRecordAgeSeconds' | 'onError' | 'response'>;

const partialResponse = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * Brings one batch to its end, in order, by Lambda's rules for streams: a failed batch is tried again until
 * `retries` are used up or its records are too old, then it is given up; with `bisect` a failed batch of several is
 * split in two instead (which is no retry); with `ReportBatchItemFailures` all before the lowest reported record
 * is done, and the rest goes on as a batch of its own.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html, with-ddb.html
 */
export async function processBatch(
  batch: readonly StreamRecord[],
  settings: Settings,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<void> {
  const parts: Part[] = [{ records: batch, failures: 0, requestId: '' }];
  for (let part = parts.shift(); part && !signal.aborted; part = parts.shift()) {
    const young = withoutExpired(part, settings, ports);
    if (young.records.length === 0) continue;
    const outcome = await ports.invoke(young.records);
    if (outcome.kind === 'throttled') {
      // A throttle is not the records' fault: it uses up no retry, only time.
      await ports.backOff(1);
      parts.unshift(young);
      continue;
    }
    const handled =
      outcome.kind === 'failed' ? 0 : handledCount(outcome.payload, young.records, settings.response);
    if (handled > 0) ports.done(young.records.slice(0, handled));
    const rest = young.records.slice(handled);
    if (rest.length === 0) continue;
    if (handled > 0) {
      await ports.backOff(1);
      parts.unshift({ records: rest, failures: 0, requestId: outcome.requestId });
      continue;
    }
    if (settings.onError === 'bisect' && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2);
      const half = (records: readonly StreamRecord[]) => ({
        records,
        failures: 0,
        requestId: outcome.requestId,
      });
      parts.unshift(half(rest.slice(0, middle)), half(rest.slice(middle)));
      continue;
    }
    const failures = young.failures + 1;
    if (settings.retries >= 0 && failures > settings.retries) {
      const { requestId } = outcome;
      ports.giveUp({ condition: 'RetryAttemptsExhausted', records: rest, requestId, invocations: failures });
      ports.done(rest);
      continue;
    }
    await ports.backOff(failures);
    parts.unshift({ records: rest, failures, requestId: outcome.requestId });
  }
}

function withoutExpired(part: Part, settings: Settings, ports: BatchPorts): Part {
  if (settings.maximumRecordAgeSeconds < 0) return part;
  const oldest = ports.now() / 1000 - settings.maximumRecordAgeSeconds;
  const expired = part.records.filter(({ dynamodb }) => dynamodb.ApproximateCreationDateTime < oldest);
  if (expired.length === 0) return part;
  const { requestId, failures: invocations } = part;
  ports.giveUp({ condition: 'RecordAgeExceeded', records: expired, requestId, invocations });
  ports.done(expired);
  return { ...part, records: part.records.filter((record) => !expired.includes(record)) };
}

/** How many records from the start are done. A response that names a record that is not there fails the whole batch. */
function handledCount(
  payload: unknown,
  records: readonly StreamRecord[],
  response: StreamMapping['response'],
): number {
  if (response === 'whole-batch' || payload === null) return records.length;
  const parsed = partialResponse.safeParse(payload);
  if (!parsed.success) return 0;
  const failed = (parsed.data.batchItemFailures ?? []).map(({ itemIdentifier }) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
  );
  if (failed.length === 0) return records.length;
  return failed.includes(-1) ? 0 : Math.min(...failed);
}
