import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ok, type Result } from '../../../domain/kernel/result.ts';
import { faults, type S3Fault, s3Fault } from './fault.ts';

export type SignedRequest = {
  method: string;
  /** As sent: percent-encoded, without the query. */
  path: string;
  query: readonly (readonly [string, string])[];
  headers: Readonly<Record<string, string>>;
};
export type Credentials = { accessKeyId: string; secretAccessKey: string };

type Claim = {
  credential: string;
  date: string;
  signedHeaders: string;
  signature: string;
  payloadHash: string;
  query: readonly (readonly [string, string])[];
};

const ALGORITHM = 'AWS4-HMAC-SHA256';
const WEEK_SECONDS = 604_800;
const SKEW_MS = 15 * 60_000;

/**
 * Verifies Signature Version 4, in the query (a presigned URL) or in the Authorization header.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function verifySignature(
  request: SignedRequest,
  credentials: Credentials,
  now: Date,
): Result<'verified', S3Fault> {
  const presigned = request.query.some(([name]) => name === 'X-Amz-Algorithm' || name === 'X-Amz-Signature');
  const header = request.headers['authorization'];
  if (!presigned && header === undefined) return faults.accessDenied('Access Denied');
  const claim = presigned ? presignedClaim(request, now) : headerClaim(request, header ?? '', now);
  if (!claim.ok) return claim;
  const { credential, date, signedHeaders, signature } = claim.value;
  const [accessKeyId, ...scope] = credential.split('/');
  if (accessKeyId !== credentials.accessKeyId) {
    const message = 'The AWS Access Key Id you provided does not exist in our records.';
    return s3Fault(403, 'InvalidAccessKeyId', message, { AWSAccessKeyId: accessKeyId ?? '' });
  }
  const canonical = [
    request.method,
    encodePath(request.path),
    canonicalQuery(claim.value.query),
    ...signedHeaders
      .split(';')
      .map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    claim.value.payloadHash,
  ].join('\n');
  const toSign = [
    ALGORITHM,
    date,
    scope.join('/'),
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const expected = hmac(signingKey(credentials.secretAccessKey, scope), toSign);
  const given = Buffer.from(signature, 'hex');
  if (given.length === expected.length && timingSafeEqual(given, expected)) return ok('verified');
  return s3Fault(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { StringToSign: toSign, CanonicalRequest: canonical },
  );
}

function presignedClaim(request: SignedRequest, now: Date): Result<Claim, S3Fault> {
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
  const until = new Date(from.getTime() + Number(expires) * 1000);
  if (until < now) {
    const details = { 'X-Amz-Expires': expires, Expires: until.toISOString(), ServerTime: now.toISOString() };
    return faults.accessDenied('Request has expired', details);
  }
  if (from.getTime() > now.getTime() + SKEW_MS) return faults.accessDenied('Request is not yet valid');
  const payloadHash =
    value('X-Amz-Content-Sha256') || request.headers['x-amz-content-sha256'] || 'UNSIGNED-PAYLOAD';
  const query = request.query.filter(([name]) => name !== 'X-Amz-Signature');
  return ok({ credential, date, signedHeaders, signature, payloadHash, query });
}

function headerClaim(request: SignedRequest, header: string, now: Date): Result<Claim, S3Fault> {
  const pattern = /^AWS4-HMAC-SHA256 +Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]+)$/;
  const [, credential, signedHeaders, signature] = pattern.exec(header) ?? [];
  const payloadHash = request.headers['x-amz-content-sha256'];
  const date = request.headers['x-amz-date'] ?? '';
  const sentAt = parseDate(date);
  if (!credential || !signedHeaders || !signature) {
    const message = 'The authorization header that you provided is not valid.';
    return s3Fault(400, 'AuthorizationHeaderMalformed', message);
  }
  if (payloadHash === undefined) {
    return faults.invalidRequest('Missing required header for this request: x-amz-content-sha256');
  }
  if (sentAt === null)
    return faults.accessDenied('AWS authentication requires a valid Date or x-amz-date header');
  if (Math.abs(sentAt.getTime() - now.getTime()) > SKEW_MS) {
    const message = 'The difference between the request time and the current time is too large.';
    const details = {
      RequestTime: date,
      ServerTime: now.toISOString(),
      MaxAllowedSkewMilliseconds: String(SKEW_MS),
    };
    return s3Fault(403, 'RequestTimeTooSkewed', message, details);
  }
  return ok({ credential, date, signedHeaders, signature, payloadHash, query: request.query });
}

function signingKey(secret: string, scope: readonly string[]): Buffer {
  return scope.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** `20260102T030405Z`; null when it is not. */
function parseDate(text: string): Date | null {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const date = new Date(iso);
  return iso === text || Number.isNaN(date.getTime()) ? null : date;
}

function canonicalQuery(query: readonly (readonly [string, string])[]): string {
  return query
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

const encodePath = (path: string): string =>
  path
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
