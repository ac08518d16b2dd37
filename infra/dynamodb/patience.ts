import type { Runtime } from '../../domain/kernel/runtime.ts';

// The SDK repeats throttles and faults of the server twice, and neither conflicts nor what cancels a transaction. With full
// jitter up to a second between the last tries these wait 4 s on average and 8 s at most, of the 29 s of an API call.
const TRIES = 13;
const LONGEST = 1_000;

/**
 * Makes a call of DynamoDB again as long as the error says that it may be made again. Throws the last error, or at once any
 * other. A transaction has to have a `ClientRequestToken` of its own: a fault of the server does not tell whether it was made.
 */
export async function patiently<T>(
  call: () => Promise<T>,
  { pause, random }: Pick<Runtime, 'pause' | 'random'>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === TRIES || !isPassing(error)) throw error;
      await pause(random() * Math.min(LONGEST, 12 * 2 ** tries));
    }
  }
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const passing = new Set([
  // Another transaction has the item, which a plain write meets as well:
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
]);

/** A cancelled transaction's reasons that are of the moment; `None`: of an item that was none. */
const passingReasons = new Set([
  'None',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name !== 'TransactionCanceledException') return passing.has(error.name);
  const reasons = cancellationReasons(error);
  return reasons.some((reason) => reason !== 'None') && reasons.every((reason) => passingReasons.has(reason));
}

/** Why a transaction was cancelled, a reason for each of its items; none of any other error. */
export function cancellationReasons(error: unknown): string[] {
  const reasons: unknown =
    error instanceof Error && 'CancellationReasons' in error ? error.CancellationReasons : undefined;
  return Array.isArray(reasons) ? reasons.map(reasonOf) : [];
}

const reasonOf = (reason: unknown): string =>
  typeof reason === 'object' && reason !== null && 'Code' in reason ? String(reason.Code) : 'None';
