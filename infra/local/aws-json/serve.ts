import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type * as z from 'zod';
import { fail, type Result } from '../../../domain/kernel/result.ts';
import { bodyOf } from '../wire/request.ts';
import { type Credentials, type Forgery, verifyHeader } from '../wire/signature.ts';

/** An error as AWS gives it. `queryCode` is the older name that SQS still sends along. */
export type Fault = { status: number; code: string; message: string; queryCode?: string };

export type Operation = (input: unknown) => Result<object, Fault>;

export type JsonService = {
  /** Before the dot in `X-Amz-Target`. */
  target: string;
  version: '1.0' | '1.1';
  operations: Readonly<Record<string, Operation>>;
};

export const clientFault = (code: string, message: string): { ok: false; error: Fault } =>
  fail({ status: 400, code, message });

/** No call that these services take is larger (PutLogEvents, PutEvents, SendMessage: 1 MB, before JSON's escapes). */
const BODY_LIMIT = 16 * 1024 * 1024;

/** An operation whose input is checked first; `invalid` is the code that the service gives for a wrong one. */
export function operation<T extends z.ZodType>(
  schema: T,
  invalid: string,
  run: (input: z.output<T>) => Result<object, Fault>,
): Operation {
  return (input) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return run(parsed.data);
    const [issue] = parsed.error.issues;
    const member = issue?.path.join('.') ?? '';
    const value = issue?.message.endsWith('received undefined') ? 'null' : 'given';
    const constraint = value === 'null' ? 'Member must not be null' : issue?.message;
    return clientFault(
      invalid,
      `1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: ${constraint}`,
    );
  };
}

/**
 * AWS's JSON protocols over HTTP (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html): one POST per call,
 * the operation in `X-Amz-Target`. Several services may share a port. Every request is signed, or refused.
 */
export function awsJson(services: readonly JsonService[], credentials: Credentials): RequestListener {
  return (request, response) => {
    answer(services, credentials, request, response).catch((error: unknown) => {
      console.error('the local AWS failed on', request.headers['x-amz-target'], error);
      const fault = { status: 500, code: 'InternalFailure', message: String(error) };
      if (!response.headersSent) sendFault(response, '1.1', fault);
    });
  };
}

async function answer(
  services: readonly JsonService[],
  credentials: Credentials,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [target, name = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
  const service = services.find((candidate) => candidate.target === target);
  const version = service?.version ?? '1.1';
  const body = await bodyOf(request, BODY_LIMIT);
  if (body === 'too-large') {
    return sendFault(response, version, {
      status: 413,
      code: 'RequestEntityTooLarge',
      message: 'Request too large',
    });
  }
  const { method = 'GET', url: path = '/', headers } = request;
  const verified = verifyHeader({ method, path, query: [], headers }, body, credentials, Date.now());
  if (!verified.ok) return sendFault(response, version, forgeryFault(verified.error));
  const run = service && Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (!run)
    return sendFault(response, version, { status: 400, code: 'UnknownOperationException', message: '' });
  const input = parse(body);
  if (!input.ok) return sendFault(response, version, input.error);
  const result = run(input.value);
  if (result.ok) return sendJson(response, version, 200, result.value);
  sendFault(response, version, result.error);
}

const forgeryCodes: Readonly<Record<Forgery['kind'], string>> = {
  unsigned: 'MissingAuthenticationTokenException',
  incomplete: 'IncompleteSignatureException',
  'unknown-key': 'UnrecognizedClientException',
  expired: 'InvalidSignatureException',
  mismatch: 'InvalidSignatureException',
};

/** As DynamoDB and SSM have it: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
export const forgeryFault = ({ kind, message }: Forgery): Fault => ({
  status: 400,
  code: forgeryCodes[kind],
  message,
});

function parse(body: Buffer): Result<unknown, Fault> {
  try {
    return { ok: true, value: JSON.parse(body.toString() || '{}') };
  } catch {
    return clientFault('SerializationException', 'The request body is not valid JSON');
  }
}

function sendFault(response: ServerResponse, version: string, fault: Fault): void {
  if (fault.queryCode) response.setHeader('x-amzn-query-error', `${fault.queryCode};Sender`);
  sendJson(response, version, fault.status, { __type: fault.code, message: fault.message });
}

function sendJson(response: ServerResponse, version: string, status: number, body: object): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': `application/x-amz-json-${version}`,
    'content-length': text.length,
    'x-amzn-requestid': randomUUID(),
  });
  response.end(text);
}
