import type { LocalDatabase } from '../database.ts';
import type { LambdaFunction, Outcome } from './functions/invoke.ts';
import type { Timings } from './timings.ts';
import { toldOnce } from './trouble.ts';

export type Asynchronous = {
  /** Accepts an event for a function: from here on it is delivered at least once, across restarts. */
  enqueue(functionName: string, event: unknown): void;
  /** Takes up what an earlier process left behind. */
  start(): void;
  /** Starts nothing more, and waits for the invocations under way. */
  close(): Promise<void>;
};

const AGAIN_MS = 1_000;

type Row = { id: number; function: string; event: string; acceptedAt: number; attempts: number };

/**
 * Lambda's queue for asynchronous invocations (schedules, EventBridge), kept in `aws.db`: a failed event is tried again
 * after one minute and after two more, then it goes to the function's on-failure destination and dead-letter queue.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export function createAsynchronous(options: {
  database: LocalDatabase;
  functions: ReadonlyMap<string, LambdaFunction>;
  timings: Pick<Timings, 'minuteMs'>;
  send: (arn: string, body: string, attributes?: Record<string, string>) => void;
}): Asynchronous {
  const { database, functions, timings, send } = options;
  database.exec(`CREATE TABLE IF NOT EXISTS invocations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, function TEXT NOT NULL, event TEXT NOT NULL,
    accepted_at INTEGER NOT NULL, attempts INTEGER NOT NULL, not_before INTEGER NOT NULL) STRICT`);
  const insert = database.prepare('INSERT INTO invocations VALUES (NULL, ?, ?, ?, 0, ?)');
  const postpone = database.prepare('UPDATE invocations SET attempts = ?, not_before = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM invocations WHERE id = ?');
  const underWay = new Set<Promise<void>>();
  const alarms = new Set<NodeJS.Timeout>();
  const trouble = toldOnce();
  let closed = false;

  async function run(row: Row): Promise<void> {
    const target = functions.get(row.function);
    if (!target) {
      remove.run(row.id);
      return;
    }
    const outcome = await target.invoke(JSON.parse(row.event), 'wait');
    const { retries, maximumAgeSeconds } = target.definition.asynchronous;
    const attempts = row.attempts + 1;
    if (outcome.kind === 'returned') {
      remove.run(row.id);
      return;
    }
    // Attempt 1 waits one minute, attempt 2 two; a throttled event waits and uses up no attempt.
    const delay = (outcome.kind === 'throttled' ? 1 : attempts) * timings.minuteMs;
    const tooOld = Date.now() + delay - row.acceptedAt > (maximumAgeSeconds / 60) * timings.minuteMs;
    if (outcome.kind === 'failed' && (attempts > retries || tooOld)) {
      giveUp(target, row, outcome, attempts > retries ? 'RetriesExhausted' : 'EventAgeExceeded');
      return;
    }
    const next = { ...row, attempts: outcome.kind === 'throttled' ? row.attempts : attempts };
    postpone.run(next.attempts, Date.now() + delay, row.id);
    plan(next, delay);
  }

  function giveUp(
    target: LambdaFunction,
    row: Row,
    outcome: Outcome & { kind: 'failed' },
    condition: string,
  ): void {
    const { onFailureArn, deadLetterArn } = target.definition.asynchronous;
    const { requestId, error } = outcome;
    if (onFailureArn) {
      const document = {
        version: '1.0',
        timestamp: new Date().toISOString(),
        requestContext: {
          requestId,
          functionArn: `${target.definition.arn}:$LATEST`,
          condition,
          approximateInvokeCount: row.attempts + 1,
        },
        requestPayload: JSON.parse(row.event) as unknown,
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: error,
      };
      send(onFailureArn, JSON.stringify(document));
    }
    if (deadLetterArn) {
      const attributes = {
        RequestID: requestId,
        ErrorCode: '200',
        ErrorMessage: error.errorMessage.slice(0, 1024),
      };
      send(deadLetterArn, row.event, attributes);
    }
    remove.run(row.id);
  }

  function plan(row: Row, delayMs: number): void {
    if (closed) return;
    const alarm = setTimeout(() => {
      alarms.delete(alarm);
      const work = run(row)
        .then(trouble.over)
        .catch((error: unknown) => {
          // What became of it could not be written down, on a full disk: it is done again, as Lambda may do.
          trouble.say(`an invocation of ${row.function} is repeated`, error);
          plan(row, AGAIN_MS);
        })
        .finally(() => underWay.delete(work));
      underWay.add(work);
    }, delayMs);
    alarms.add(alarm);
  }

  return {
    enqueue(functionName, event) {
      const text = JSON.stringify(event);
      const now = Date.now();
      const { lastInsertRowid } = insert.run(functionName, text, now, now);
      plan(
        { id: Number(lastInsertRowid), function: functionName, event: text, acceptedAt: now, attempts: 0 },
        0,
      );
    },
    start() {
      for (const row of database.prepare('SELECT * FROM invocations ORDER BY id').all()) {
        const left: Row = {
          id: Number(row['id']),
          function: String(row['function']),
          event: String(row['event']),
          acceptedAt: Number(row['accepted_at']),
          attempts: Number(row['attempts']),
        };
        plan(left, Math.max(0, Number(row['not_before']) - Date.now()));
      }
    },
    async close() {
      closed = true;
      for (const alarm of alarms) clearTimeout(alarm);
      await Promise.all(underWay);
    },
  };
}
