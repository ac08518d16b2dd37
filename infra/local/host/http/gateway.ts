import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, decodedPath, splitOnce } from '../../wire/request.ts';
import { createThrottle } from '../../wire/throttle.ts';
import type { LambdaFunction } from '../functions/invoke.ts';
import { PAYLOAD_LIMIT } from '../functions/invoke.ts';
import type { Deployment } from '../service/deployment.ts';
import type { Timings } from '../timings.ts';
import { type Authorize, createAuthorizer } from './authorizer.ts';
import { functionEvent, type RequestParts, requestParts } from './request-event.ts';
import { answerFrom, gatewayMessage, type HttpAnswer, send } from './response.ts';
import { createRouter } from './routes.ts';

/** An HTTP API takes 10 MB a request (http-api-quotas; it cannot be raised). */
const BODY_LIMIT = 10 * 1024 * 1024;

export type Gateway = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** An HTTP API with Lambda proxy integrations (payload 2.0) over the deployment's routes and authorizers. */
export function createGateway(
  deployment: Deployment,
  functions: ReadonlyMap<string, LambdaFunction>,
  timings: Pick<Timings, 'integrationTimeoutMs'>,
  mode: 'throttled' | 'unthrottled' = 'unthrottled',
): Gateway {
  const throttle = createThrottle(() => performance.now());
  const router = createRouter(deployment.routes);
  const target = (name: string): LambdaFunction => {
    const found = functions.get(name);
    if (!found) throw new Error(`no function ${name} is loaded`);
    return found;
  };
  const authorizers = new Map<string, Authorize>(
    Object.entries(deployment.authorizers).map(([key, authorizer]) => [
      key,
      createAuthorizer(authorizer, target(authorizer.function), deployment),
    ]),
  );

  return async (request, response) => {
    const [path, query] = splitOnce(request.url ?? '/', '?');
    const decoded = decodedPath(path);
    if (decoded === null) return send(response, gatewayMessage(400, 'Bad Request'), '');
    const match = router(request.method ?? 'GET', path);
    if (!match) return send(response, gatewayMessage(404, 'Not Found'), '');
    const limit = mode === 'throttled' ? deployment.throttles[match.route.key] : undefined;
    if (throttle.takes(match.route.key, 1, limit) === 'throttled')
      return send(response, gatewayMessage(429, 'Too Many Requests'), '');
    const parts = requestParts(request, match, { path, query, decodedPath: decoded }, deployment);
    const answer = await handle(request, parts, match.route.authorizer, target(match.route.function));
    send(response, answer, String(parts.requestContext['requestId']));
  };

  async function handle(
    request: IncomingMessage,
    parts: RequestParts,
    authorizer: string | null,
    integration: LambdaFunction,
  ): Promise<HttpAnswer> {
    const verdict = authorizer === null ? null : await authorizers.get(authorizer)?.(parts);
    if (verdict?.kind === 'unauthorized') return gatewayMessage(401, 'Unauthorized');
    if (verdict?.kind === 'forbidden') return gatewayMessage(403, 'Forbidden');
    if (verdict?.kind === 'broken') return gatewayMessage(500, 'Internal Server Error');
    const body = await bodyOf(request, BODY_LIMIT);
    if (body === 'too-large') return gatewayMessage(413, 'Request Entity Too Large');
    const event = functionEvent(parts, body, verdict ? verdict.context : null);
    // Lambda takes 6 MB of JSON; API Gateway passes its refusal on (a body this large is rare: measure only then).
    if (body.length > PAYLOAD_LIMIT / 6 && JSON.stringify(event).length > PAYLOAD_LIMIT) {
      return gatewayMessage(413, 'Request Entity Too Large');
    }
    const outcome = await within(integration.invoke(event, 'refuse'), timings.integrationTimeoutMs);
    if (outcome === 'timed-out' || outcome.kind === 'throttled')
      return gatewayMessage(503, 'Service Unavailable');
    if (outcome.kind === 'failed') return gatewayMessage(500, 'Internal Server Error');
    return answerFrom(outcome.payload);
  }
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | 'timed-out'> {
  let alarm: NodeJS.Timeout | undefined;
  const expired = new Promise<'timed-out'>((resolve) => {
    alarm = setTimeout(resolve, milliseconds, 'timed-out');
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(alarm);
  }
}
