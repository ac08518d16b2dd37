import { ok, type Result } from '../../../domain/kernel/result.ts';
import {
  ALGORITHM,
  type Claim,
  type Credentials,
  headerClaim,
  isSame,
  parseDate,
  type SignedRequest,
  signatureOf,
} from '../wire/signature.ts';
import { faults, type S3Fault, s3Fault } from './fault.ts';

type S3Request = SignedRequest & { readonly headers: Readonly<Record<string, string>> };

/** A claim in the header or in the query, with what it says of the body. */
type S3Claim = {
  readonly claim: Claim;
  readonly payloadHash: string;
  readonly query: SignedRequest['query'];
};

const WEEK_SECONDS = 604_800;
const SKEW_MS = 15 * 60_000;

/**
 * Verifies Signature Version 4, in the query (a presigned URL) or in the Authorization header.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function verifySignature(
  request: S3Request,
  credentials: Credentials,
  now: Date,
): Result<'verified', S3Fault> {
  const presigned = request.query.some(([name]) => name === 'X-Amz-Algorithm' || name === 'X-Amz-Signature');
  const header = request.headers['authorization'];
  if (!presigned && header === undefined) return faults.accessDenied('Access Denied');
  const read = presigned ? presignedClaim(request, now) : signedClaim(request, header ?? '', now);
  if (!read.ok) return read;
  const { claim, payloadHash, query } = read.value;
  if (claim.accessKeyId !== credentials.accessKeyId) {
    const message = 'The AWS Access Key Id you provided does not exist in our records.';
    return s3Fault(403, 'InvalidAccessKeyId', message, { AWSAccessKeyId: claim.accessKeyId });
  }
  const expected = signatureOf({ ...request, query }, claim, payloadHash, credentials);
  if (isSame(claim.signature, expected.signature)) return ok('verified');
  return s3Fault(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { StringToSign: expected.toSign, CanonicalRequest: expected.canonical },
  );
}

function presignedClaim(request: S3Request, now: Date): Result<S3Claim, S3Fault> {
  const value = (name: string) => request.query.find(([key]) => key === name)?.[1] ?? '';
  const refuse = (message: string) => s3Fault(400, 'AuthorizationQueryParametersError', message);
  const [credential, date, signedHeaders, signature, expires] = [
    value('X-Amz-Credential'),
    value('X-Amz-Date'),
    value('X-Amz-SignedHeaders'),
    value('X-Amz-Signature'),
    value('X-Amz-Expires'),
  ];
  if (!credential || !date || !signedHeaders || !signature || !expires) {
    return refuse(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
        'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (value('X-Amz-Algorithm') !== ALGORITHM) {
    return refuse('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"');
  }
  const from = parseDate(date);
  if (from === null) return refuse("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!/^\d+$/.test(expires)) return refuse('X-Amz-Expires should be a number');
  if (Number(expires) > WEEK_SECONDS) {
    return refuse(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  }
  const until = new Date(from + Number(expires) * 1000);
  if (until < now) {
    const details = { 'X-Amz-Expires': expires, Expires: until.toISOString(), ServerTime: now.toISOString() };
    return faults.accessDenied('Request has expired', details);
  }
  if (from > now.getTime() + SKEW_MS) return faults.accessDenied('Request is not yet valid');
  const payloadHash =
    value('X-Amz-Content-Sha256') || request.headers['x-amz-content-sha256'] || 'UNSIGNED-PAYLOAD';
  const query = request.query.filter(([name]) => name !== 'X-Amz-Signature');
  const [accessKeyId = '', ...scope] = credential.split('/');
  return ok({ claim: { accessKeyId, scope, date, signedHeaders, signature }, payloadHash, query });
}

function signedClaim(request: S3Request, header: string, now: Date): Result<S3Claim, S3Fault> {
  const payloadHash = request.headers['x-amz-content-sha256'];
  const date = request.headers['x-amz-date'] ?? '';
  const claim = headerClaim(header, date);
  const sentAt = parseDate(date);
  if (claim === null) {
    const message = 'The authorization header that you provided is not valid.';
    return s3Fault(400, 'AuthorizationHeaderMalformed', message);
  }
  if (payloadHash === undefined) {
    return faults.invalidRequest('Missing required header for this request: x-amz-content-sha256');
  }
  if (sentAt === null)
    return faults.accessDenied('AWS authentication requires a valid Date or x-amz-date header');
  if (Math.abs(sentAt - now.getTime()) > SKEW_MS) {
    const message = 'The difference between the request time and the current time is too large.';
    const details = {
      RequestTime: date,
      ServerTime: now.toISOString(),
      MaxAllowedSkewMilliseconds: String(SKEW_MS),
    };
    return s3Fault(403, 'RequestTimeTooSkewed', message, details);
  }
  return ok({ claim, payloadHash, query: request.query });
}
