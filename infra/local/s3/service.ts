import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { ok, type Result } from '../../../domain/kernel/result.ts';
import { bodyOf, decodedPath } from '../wire/request.ts';
import type { Credentials } from '../wire/signature.ts';
import { element, faults, type S3Fault, s3Fault, xml } from './fault.ts';
import type { ObjectStore } from './object-store.ts';
import { type Answer, bucketOperation, objectOperation, type Target } from './operations.ts';
import { verifySignature } from './signature.ts';

/** S3 takes 5 GB in one PUT; one machine's memory does not. */
const BODY_LIMIT = 512 * 1024 * 1024;

/**
 * The calls of S3 that Sortie makes, over its REST protocol, with every signature verified. Buckets are addressed by
 * path (what the SDK does for an IP address) or by host name.
 */
export function s3Service(store: ObjectStore, credentials: Credentials): RequestListener {
  return (request, response) => {
    handle(store, credentials, request)
      .then((result) => send(request, response, result))
      .catch((error: unknown) => {
        // Whoever sent it went away: nothing was stored, and there is nobody to tell.
        if (request.destroyed && !request.complete) return;
        console.error('the local S3 failed on', request.method, request.url, error);
        if (response.headersSent) return;
        const message = 'We encountered an internal error. Please try again.';
        send(request, response, s3Fault(500, 'InternalError', message));
      });
  };
}

async function handle(
  store: ObjectStore,
  credentials: Credentials,
  request: IncomingMessage,
): Promise<Result<Answer, S3Fault>> {
  const signed = signedTarget(store, credentials, request);
  // Read to its end in any case, else the connection is reset before the answer is seen; kept only where it is signed.
  const raw = await bodyOf(request, signed.ok ? BODY_LIMIT : 0);
  if (!signed.ok) return signed;
  const target = signed.value;
  const { bucket, key } = target;
  if (raw === 'too-large') {
    return s3Fault(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  }
  if (!store.buckets().includes(bucket)) return faults.noSuchBucket(bucket);
  return key === '' ? bucketOperation(store, target) : objectOperation(store, target, raw);
}

function signedTarget(
  store: ObjectStore,
  credentials: Credentials,
  request: IncomingMessage,
): Result<Target, S3Fault> {
  const target = parse(request, store.buckets());
  if (target === null) return s3Fault(400, 'InvalidURI', "Couldn't parse the specified URI.");
  const [path = '/'] = (request.url ?? '/').split('?');
  const verified = verifySignature({ ...target, path }, credentials, new Date());
  return verified.ok ? ok(target) : verified;
}

function parse(request: IncomingMessage, buckets: readonly string[]): Target | null {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value ?? ''].flat().join(',')]),
  );
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = decodedPath(mark < 0 ? url : url.slice(0, mark));
  if (path === null) return null;
  const query = [...new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))];
  const method = request.method ?? 'GET';
  const host = headers['host'] ?? '';
  const byHost = buckets.find((bucket) => host.startsWith(`${bucket}.`));
  const [first = '', ...rest] = path.slice(1).split('/');
  const [bucket, key] = byHost ? [byHost, path.slice(1)] : [first, rest.join('/')];
  const field = (name: string) =>
    headers[name] ?? query.find(([key]) => key.toLowerCase() === name)?.[1] ?? null;
  return { method, bucket, key, query, headers, field };
}

function send(request: IncomingMessage, response: ServerResponse, result: Result<Answer, S3Fault>): void {
  const requestId = randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase();
  const answer = result.ok ? result.value : faultAnswer(result.error, requestId);
  // A HEAD has the length of the body that a GET would have, and no body; an error to it has neither.
  const length = request.method === 'HEAD' && !result.ok ? {} : { 'content-length': answer.body.length };
  response.writeHead(answer.status, {
    ...(answer.status === 204 ? {} : length),
    ...answer.headers,
    'x-amz-request-id': requestId,
    'x-amz-id-2': 'local',
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

function faultAnswer(fault: S3Fault, requestId: string): Answer {
  const details = Object.entries(fault.details ?? {}).map(([name, value]) => element(name, value));
  const content = [
    element('Code', fault.code),
    element('Message', fault.message),
    ...details,
    element('RequestId', requestId),
    element('HostId', 'local'),
  ].join('');
  const headers = { 'content-type': 'application/xml' };
  return { status: fault.status, headers, body: Buffer.from(xml('Error', content)) };
}
