import type { ServerResponse } from 'node:http';
import * as z from 'zod';

export type HttpAnswer = { status: number; headers: Record<string, string>; cookies: string[]; body: Buffer };

const structured = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** What API Gateway itself says: `{"message":"Not Found"}`. */
export function gatewayMessage(status: number, message: string): HttpAnswer {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, cookies: [], body: Buffer.from(JSON.stringify({ message })) };
}

/**
 * Reads a function's result by format 2.0: without a `statusCode` it is the JSON body of a 200.
 * A result that is neither is the function's error: 500.
 */
export function answerFrom(payload: unknown): HttpAnswer {
  const hasStatus = typeof payload === 'object' && payload !== null && 'statusCode' in payload;
  if (!hasStatus) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const headers = { 'content-type': 'application/json' };
    return { status: 200, headers, cookies: [], body: Buffer.from(text) };
  }
  const parsed = structured.safeParse(payload);
  if (!parsed.success) return gatewayMessage(500, 'Internal Server Error');
  const { statusCode, body, isBase64Encoded, cookies } = parsed.data;
  const headers: Record<string, string> = { 'content-type': 'text/plain;charset=UTF-8' };
  for (const [name, value] of Object.entries(parsed.data.headers ?? {}))
    headers[name.toLowerCase()] = String(value);
  return {
    status: statusCode,
    headers,
    cookies: cookies ?? [],
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

export function send(response: ServerResponse, answer: HttpAnswer, requestId: string): void {
  const {
    'content-length': _length,
    'transfer-encoding': _encoding,
    connection: _own,
    ...headers
  } = answer.headers;
  response.writeHead(answer.status, {
    ...headers,
    ...(answer.cookies.length > 0 ? { 'set-cookie': answer.cookies } : {}),
    'apigw-requestid': requestId,
    ...(answer.status === 204 || answer.status === 304 ? {} : { 'content-length': answer.body.length }),
  });
  response.end(answer.body);
}
