import type * as z from 'zod';
import { type AwsError, awsError } from '../wire/aws-error.ts';

/** SSM's refusals, all with status 400. @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html */
export const invalidInstances = (ids: readonly string[], account: string): AwsError =>
  awsError(
    'InvalidInstanceId',
    `Instances [[${ids.join(', ')}]] not in a valid state for account ${account}`,
  );

export const duplicateInstances: AwsError = awsError(
  'DuplicateInstanceId',
  'Duplicate instance IDs are not allowed.',
);

export const unknownDocument = (name: string): AwsError =>
  awsError('InvalidDocument', `Document with name ${name} does not exist.`);

export const unknownVersion = (version: string): AwsError =>
  awsError('InvalidDocumentVersion', `The document version ${version} does not exist.`);

/** In IAM's words: the policy lets commands be sent to instances with a tag, and one of the call's has not got it. */
export const accessDenied = (arn: string): AwsError =>
  awsError(
    'AccessDeniedException',
    `User: arn:aws:sts::000000000000:assumed-role/react is not authorized to perform: ssm:SendCommand on resource: ${arn} ` +
      'because no identity-based policy allows the ssm:SendCommand action',
  );

export const invalidParameters = (message: string): AwsError => awsError('InvalidParameters', message);

export const tooLarge: AwsError = awsError(
  'MaxDocumentSizeExceeded',
  'The size limit of a document is 64 KB.',
);

export const unknownInvocation: AwsError = awsError('InvocationDoesNotExist', '');

export const unknownCommand = (id: string): AwsError =>
  awsError('InvalidCommandId', `The specified command ID ${id} is not valid.`);

export const unknownPlugin: AwsError = awsError('InvalidPluginName', 'The plugin name is not valid.');

export const badToken: AwsError = awsError('InvalidNextToken', 'The specified token is not valid.');

export const throttled: AwsError = awsError('ThrottlingException', 'Rate exceeded');

/** A request of the wrong shape, in the words of AWS's own validation. */
export function invalidRequest(error: z.ZodError): AwsError {
  const faults = error.issues.map((issue) => {
    const path = issue.path.map((name) => String(name)).join('.');
    return `Value at '${path.charAt(0).toLowerCase()}${path.slice(1)}' failed to satisfy constraint: ${issue.message}`;
  });
  const plural = faults.length === 1 ? 'error' : 'errors';
  return awsError(
    'ValidationException',
    `${faults.length} validation ${plural} detected: ${faults.join('; ')}`,
  );
}
