import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Deployment } from '../service/deployment.ts';
import type { RouteMatch } from './routes.ts';

/** The parts of an HTTP request that both the function's event and the authorizer's are made of. */
export type RequestParts = {
  routeKey: string;
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  pathParameters?: Record<string, string>;
  requestContext: Record<string, unknown> & {
    http: Record<'method' | 'path' | 'protocol' | 'sourceIp' | 'userAgent', string>;
  };
};

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
]);

/**
 * Reads a request as payload format 2.0 shows it
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).
 * `rawPath` is percent-decoded and ends at a decoded `?`, as captured from AWS (github.com/hotsock/voker, pull 8).
 */
export function requestParts(
  request: IncomingMessage,
  match: RouteMatch,
  target: { path: string; query: string; decodedPath: string },
  deployment: Pick<Deployment, 'account'>,
): RequestParts {
  const { headers, cookies } = readHeaders(request);
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
  const now = new Date();
  const host = headers['host'] ?? 'localhost';
  headers['x-forwarded-for'] ??= sourceIp;
  headers['x-forwarded-port'] ??= String(request.socket.localPort);
  headers['x-forwarded-proto'] ??= 'http';
  headers['x-amzn-trace-id'] ??= traceId(now);
  const rawPath = target.decodedPath.split('?')[0] ?? '/';
  const routeKey = match.route.key;
  const query = queryParameters(target.query);
  return {
    routeKey,
    rawPath,
    rawQueryString: target.query,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    ...(query ? { queryStringParameters: query } : {}),
    ...(match.pathParameters ? { pathParameters: match.pathParameters } : {}),
    requestContext: {
      accountId: deployment.account,
      apiId: 'local',
      domainName: host,
      domainPrefix: host.split('.')[0] ?? host,
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomBytes(11).toString('base64'),
      routeKey,
      stage: '$default',
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
  };
}

/** The event of the route's function: the request, who it is (for an authorized route), and its body. */
export function functionEvent(parts: RequestParts, body: Buffer, authorized: object | null): object {
  const { requestContext, ...rest } = parts;
  const text = isText(parts.headers['content-type']);
  return {
    version: '2.0',
    ...rest,
    requestContext: authorized ? { ...requestContext, authorizer: { lambda: authorized } } : requestContext,
    ...(body.length > 0 ? { body: body.toString(text ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** Verified against AWS (github.com/ministackorg/ministack, pull 766): a form, or no content type, comes as base64. */
function isText(contentType: string | undefined): boolean {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || /^application\/(json|xml|javascript)$/.test(type);
}

function readHeaders(request: IncomingMessage): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]?.toLowerCase() ?? '';
    const value = request.rawHeaders[at + 1] ?? '';
    if (HOP_BY_HOP.has(name)) continue;
    if (name === 'cookie') cookies.push(...value.split(';').map((cookie) => cookie.trim()));
    else headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return { headers, cookies };
}

function queryParameters(query: string): Record<string, string> | null {
  if (query === '') return null;
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}

function traceId(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}

/** `12/Mar/2020:19:03:58 +0000` */
function logTime(now: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(now.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
