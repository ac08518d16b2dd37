/** Why deploying or removing cannot go on: what happened, and the next command to type. */
export class Refusal extends Error {
  readonly next: string;

  constructor(message: string, next: string, cause?: unknown) {
    super(message, { cause });
    this.next = next;
  }
}

export interface Asked {
  readonly region: string;
  readonly profile: string | undefined;
}

const NO_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError'];
const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'];
const UNKNOWN = [
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthFailure',
];
const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden'];
const THROTTLED = ['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequestsException'];
const UNREACHABLE = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'TimeoutError'];

/** An error of an AWS call in words; what is none of AWS's is thrown on. */
export function refusalOf(error: unknown, { region, profile }: Asked): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof Error)) throw error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const is = (names: readonly string[]) => names.includes(error.name) || names.includes(code);
  const login = profile === undefined ? 'aws configure' : `aws sso login --profile ${profile}`;
  if (is(NO_CREDENTIALS))
    return new Refusal(
      profile === undefined
        ? 'there are no AWS credentials here'
        : `profile ${profile} gives no AWS credentials: ${error.message}`,
      `${login}; or name a profile of ~/.aws/config with --profile`,
      error,
    );
  if (is(EXPIRED)) return new Refusal('the AWS credentials have expired', login, error);
  if (is(UNKNOWN))
    return new Refusal(`AWS does not know these credentials (${error.name}: ${error.message})`, login, error);
  if (is(DENIED))
    return new Refusal(
      `AWS does not allow this: ${error.message}`,
      'see the rights that deploying takes in docs/deploying.md, or use another --profile',
      error,
    );
  if (is(THROTTLED))
    return new Refusal(
      `AWS is throttling this account: ${error.message}`,
      'wait a minute, then the same again',
      error,
    );
  if (is(UNREACHABLE))
    return new Refusal(
      `cannot reach AWS in ${region}: ${error.message || code}`,
      'check the network, and the name of the region (--region)',
      error,
    );
  if ('$metadata' in error)
    return new Refusal(`AWS refused: ${error.name}: ${error.message}`, 'see docs/deploying.md', error);
  throw error;
}
