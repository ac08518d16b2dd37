import { describe, expect, it } from 'vitest';
import { patiently } from '../../../infra/dynamodb/patience.ts';

const failure = (name: string, reasons: readonly string[] = []): Error =>
  Object.assign(new Error(name), { name, CancellationReasons: reasons.map((Code) => ({ Code })) });

/** A call that fails so often with this, how often it was made, and for how long it was waited. */
function failing(error: Error, times: number) {
  const seen = { made: 0, waited: 0 };
  const call = async () => {
    seen.made += 1;
    if (seen.made <= times) throw error;
    return 'answered';
  };
  const pause = async (milliseconds: number) => {
    seen.waited += milliseconds;
  };
  return { seen, result: () => patiently(call, { pause, random: () => 1 }) };
}

describe('a call of DynamoDB is made again', () => {
  it.each([
    failure('TransactionConflictException'),
    failure('ThrottlingException'),
    failure('ProvisionedThroughputExceededException'),
    failure('RequestLimitExceeded'),
    failure('InternalServerError'),
    failure('TransactionCanceledException', ['None', 'TransactionConflict']),
    failure('TransactionCanceledException', ['ThrottlingError', 'None']),
    failure('TransactionCanceledException', ['ProvisionedThroughputExceeded', 'TransactionConflict']),
  ])('after %o', async (error) => {
    const { seen, result } = failing(error, 3);
    expect(await result()).toBe('answered');
    expect(seen.made).toBe(4);
  });
});

describe('it is not made again', () => {
  it.each([
    failure('ConditionalCheckFailedException'),
    failure('ValidationException'),
    failure('ResourceNotFoundException'),
    failure('TransactionCanceledException', ['ConditionalCheckFailed', 'None']),
    failure('TransactionCanceledException', ['ConditionalCheckFailed', 'ThrottlingError']),
    failure('TransactionCanceledException', ['ValidationError']),
    failure('TransactionCanceledException'),
    failure('Error'),
  ])('after %o', async (error) => {
    const { seen, result } = failing(error, 3);
    await expect(result()).rejects.toBe(error);
    expect(seen.made).toBe(1);
  });
});

it('its patience ends within the time of an API call, with the last error', async () => {
  const error = failure('ThrottlingException');
  const { seen, result } = failing(error, Number.POSITIVE_INFINITY);
  await expect(result()).rejects.toBe(error);
  expect(seen.waited).toBeGreaterThan(5_000);
  expect(seen.waited).toBeLessThan(10_000);
});
