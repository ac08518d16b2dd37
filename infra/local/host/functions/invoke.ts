import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { FunctionDefinition } from '../service/deployment.ts';
import type { Handler } from './load.ts';
import type { LogSink } from './log-sink.ts';
import { createMeter, type FunctionMetrics } from './metrics.ts';
import { createSlots, type Slots } from './slots.ts';

/** Lambda's limit for a synchronous payload, either way: 6 MB (gettingstarted-limits). */
export const PAYLOAD_LIMIT = 6 * 1024 * 1024;

export type FunctionError = { errorType: string; errorMessage: string; trace: string[] };

export type Outcome =
  | { kind: 'returned'; requestId: string; payload: unknown }
  | { kind: 'failed'; requestId: string; error: FunctionError }
  | { kind: 'throttled' };

export type LambdaFunction = {
  definition: FunctionDefinition;
  /** `wait` stands in line where `reservedConcurrency` is used up; `refuse` answers `throttled`, as Lambda does. */
  invoke(event: unknown, whenBusy: 'wait' | 'refuse'): Promise<Outcome>;
  metrics(): FunctionMetrics;
  /** The host closes: invocations under way read that their time is up. One that stays for more work then ends. */
  windDown(): void;
};

/**
 * Runs a handler as Lambda does: event and result cross as JSON, an error or the timeout fails the invocation.
 * Lambda gives each concurrent invocation an execution environment of its own; here they share the modules, and a
 * handler that timed out cannot be stopped: it is counted as failed and its result is dropped.
 */
export function lambdaFunction(
  definition: FunctionDefinition,
  handler: Handler,
  log: LogSink,
  account: Slots = createSlots(Number.POSITIVE_INFINITY),
): LambdaFunction {
  const meter = createMeter();
  // What is reserved is the function's own, and nobody else's.
  const slots =
    definition.reservedConcurrency === null ? account : createSlots(definition.reservedConcurrency);
  let windingDown = false;

  async function run(event: unknown): Promise<Outcome> {
    const requestId = randomUUID();
    const started = performance.now();
    const deadline = started + definition.timeoutSeconds * 1000;
    const context = contextOf(definition, requestId, () =>
      windingDown ? 0 : Math.max(0, Math.floor(deadline - performance.now())),
    );
    let alarm: NodeJS.Timeout | undefined;
    const expired = new Promise<'timed-out'>((resolve) => {
      alarm = setTimeout(resolve, definition.timeoutSeconds * 1000, 'timed-out');
    });
    try {
      const input: unknown = JSON.parse(JSON.stringify(event));
      const result = log.during(definition.name, async () => ({ value: await handler(input, context) }));
      const first = await Promise.race([result, expired]);
      if (first === 'timed-out') {
        // Promise.race has the rejection of the late handler in hand, so it cannot end the process.
        meter.record(performance.now() - started, 'timed-out');
        return failure(requestId, timedOut(requestId, definition.timeoutSeconds));
      }
      const text = JSON.stringify(first.value ?? null);
      if (text.length > PAYLOAD_LIMIT) throw responseTooLarge(text.length);
      meter.record(performance.now() - started, 'returned');
      return { kind: 'returned', requestId, payload: JSON.parse(text) };
    } catch (thrown) {
      meter.record(performance.now() - started, 'failed');
      return failure(requestId, describe(thrown));
    } finally {
      clearTimeout(alarm);
    }
  }

  function failure(requestId: string, error: FunctionError): Outcome {
    log.write(definition.name, `${requestId} ERROR Invoke Error ${JSON.stringify(error)}`);
    return { kind: 'failed', requestId, error };
  }

  return {
    definition,
    async invoke(event, whenBusy) {
      if (!slots.take()) {
        meter.throttled();
        if (whenBusy === 'refuse' || slots.count === 0) return { kind: 'throttled' };
        await slots.wait();
      }
      try {
        return await run(event);
      } finally {
        slots.free();
      }
    },
    metrics: () => meter.read(),
    windDown: () => {
      windingDown = true;
    },
  };
}

function contextOf(definition: FunctionDefinition, awsRequestId: string, remaining: () => number): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: definition.deployedName,
    functionVersion: '$LATEST',
    invokedFunctionArn: definition.arn,
    memoryLimitInMB: String(definition.memoryMb),
    awsRequestId,
    logGroupName: `/aws/lambda/${definition.deployedName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: remaining,
  };
}

function describe(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error))
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] };
}

function timedOut(requestId: string, seconds: number): FunctionError {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage, trace: [] };
}

function responseTooLarge(size: number): Error {
  const error = new Error(
    `Response payload size (${size} bytes) exceeded maximum allowed payload size (6291556 bytes).`,
  );
  error.name = 'Function.ResponseSizeTooLarge';
  return error;
}
