import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import { decodedPath } from './request.ts';

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

export type SignedRequest = {
  readonly method: string;
  /** As sent: percent-encoded, without the query. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/** What a request says of its signature, in the Authorization header or, for S3, in the query. */
export type Claim = {
  readonly accessKeyId: string;
  /** Date, region, service, `aws4_request`. */
  readonly scope: readonly string[];
  readonly date: string;
  /** Lower case, with semicolons in between. */
  readonly signedHeaders: string;
  /** Hexadecimal. */
  readonly signature: string;
};

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Why a signature is not taken. Each service has its own code for it. */
export type Forgery = {
  readonly kind: 'unsigned' | 'incomplete' | 'unknown-key' | 'expired' | 'mismatch';
  readonly message: string;
};

/** AWS's tolerance of a clock, but for S3: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
const SKEW_MS = 5 * 60_000;

/**
 * Verifies Signature Version 4 in the Authorization header, and that the body is the one that was signed.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifyHeader(
  request: SignedRequest,
  body: Buffer | string,
  credentials: Credentials,
  now: number,
): Result<'verified', Forgery> {
  const header = request.headers['authorization'];
  if (typeof header !== 'string')
    return forged('unsigned', 'Request is missing Authentication Token: it has no Authorization header');
  const date = String(request.headers['x-amz-date'] ?? '');
  const claim = headerClaim(header, date);
  const sentAt = parseDate(date);
  if (claim === null || sentAt === null || !covers(claim, ['host', 'x-amz-date']))
    return forged('incomplete', 'The Authorization header, x-amz-date or its signed headers are incomplete.');
  if (claim.accessKeyId !== credentials.accessKeyId)
    return forged('unknown-key', 'The security token included in the request is invalid.');
  if (Math.abs(now - sentAt) > SKEW_MS)
    return forged('expired', `Signature expired or not yet current: ${date} is not within 5 min. of now.`);
  const { signature } = signatureOf(request, claim, sha256(body), credentials);
  if (isSame(claim.signature, signature)) return ok('verified');
  return forged(
    'mismatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  );
}

/** The headers of a request, those that it needs for its signature included. */
export function signed(
  request: Omit<SignedRequest, 'headers'> & { readonly headers: Readonly<Record<string, string>> },
  body: Buffer | string,
  by: { readonly credentials: Credentials; readonly region: string; readonly service: string },
  now: number,
): Record<string, string> {
  const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = { ...request.headers, 'x-amz-date': date };
  const { accessKeyId } = by.credentials;
  const scope = [date.slice(0, 8), by.region, by.service, 'aws4_request'];
  const signedHeaders = Object.keys(headers).sort().join(';');
  const claim = { accessKeyId, scope, date, signedHeaders, signature: '' };
  const { signature } = signatureOf({ ...request, headers }, claim, sha256(body), by.credentials);
  const credential = [accessKeyId, ...scope].join('/');
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature.toString('hex')}`;
  return { ...headers, authorization };
}

/** `null`: the header is not one of Signature Version 4. */
export function headerClaim(header: string, date: string): Claim | null {
  const pattern = /^AWS4-HMAC-SHA256 +Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]+)$/;
  const [, credential, signedHeaders, signature] = pattern.exec(header) ?? [];
  if (!credential || !signedHeaders || !signature) return null;
  const [accessKeyId = '', ...scope] = credential.split('/');
  return { accessKeyId, scope, date, signedHeaders, signature };
}

/** The signature that the request should have, and the texts that it is made of. */
export function signatureOf(
  { method, path, query, headers }: SignedRequest,
  { signedHeaders, date, scope }: Claim,
  payloadHash: string,
  { secretAccessKey }: Credentials,
): { readonly signature: Buffer; readonly toSign: string; readonly canonical: string } {
  const canonical = [
    method,
    encodePath(path),
    canonicalQuery(query),
    ...signedHeaders.split(';').map(
      (name) =>
        `${name}:${String(headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}`,
    ),
    '',
    signedHeaders,
    payloadHash,
  ].join('\n');
  const toSign = [ALGORITHM, date, scope.join('/'), sha256(canonical)].join('\n');
  return { signature: hmac(signingKey(secretAccessKey, scope), toSign), toSign, canonical };
}

export function isSame(given: string, expected: Buffer): boolean {
  const bytes = Buffer.from(given, 'hex');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

/** Epoch ms of `20260102T030405Z`; null when it is not. */
export function parseDate(text: string): number | null {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const at = Date.parse(iso);
  return iso === text || Number.isNaN(at) ? null : at;
}

/** A key lasts a day, and is used many times a second. */
const signingKeys = new Map<string, Buffer>();
const KEPT_KEYS = 64;

function signingKey(secret: string, scope: readonly string[]): Buffer {
  const name = [secret, ...scope].join('/');
  const known = signingKeys.get(name);
  if (known) return known;
  const key = scope.reduce<Buffer>((sofar, part) => hmac(sofar, part), Buffer.from(`AWS4${secret}`));
  if (signingKeys.size >= KEPT_KEYS) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

const covers = ({ signedHeaders }: Claim, names: readonly string[]): boolean => {
  const covered = signedHeaders.split(';');
  return names.every((name) => covered.includes(name));
};

const forged = (kind: Forgery['kind'], message: string) => fail({ kind, message });

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const sha256 = (text: Buffer | string): string => createHash('sha256').update(text).digest('hex');

const canonicalQuery = (query: SignedRequest['query']): string =>
  query
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');

/** As S3 has it. Other services encode a path twice, which is the same for the few paths that they have here. */
const encodePath = (path: string): string =>
  path
    .split('/')
    .map((part) => encode(decodedPath(part) ?? part))
    .join('/');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
