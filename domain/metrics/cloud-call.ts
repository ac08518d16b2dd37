import * as z from 'zod';

/** What a call of the cloud came to: `none`, or the class of its error as the design's table has it. */
export const CallError = z.enum([
  'none',
  'capacity',
  'quota',
  'network',
  'throttle',
  'consistency',
  'over',
  'fatal',
  'unclassified',
  'unknown',
]);
export type CallError = z.infer<typeof CallError>;

/** One request to EC2 or SSM, as it went over the wire: what the SDK repeats counts each time. */
export interface CloudCall {
  readonly operation: string;
  readonly error: CallError;
}

export interface CountedCall extends CloudCall {
  readonly times: number;
}

const ssmErrors: readonly CallError[] = ['none', 'throttle', 'consistency', 'fatal', 'unknown'];

/** The calls that Sortie makes, each with the errors that it may meet: there from the first scrape. */
export const knownCalls: readonly CloudCall[] = [
  ...calls(['RunInstances', 'TerminateInstances', 'DescribeInstances'], CallError.options),
  ...calls(
    ['SendCommand', 'DescribeInstanceInformation', 'ListCommandInvocations', 'GetCommandInvocation'],
    ssmErrors,
  ),
];

function calls(operations: readonly string[], errors: readonly CallError[]): CloudCall[] {
  return operations.flatMap((operation) => errors.map((error) => ({ operation, error })));
}
