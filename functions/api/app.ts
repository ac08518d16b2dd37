import { type Context, Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Health } from '../../domain/api/instance.ts';
import { NoCatalogue } from '../../domain/catalogue/ports.ts';
import { codeRoutes } from './code.ts';
import { type Api, type Caller, type Env, type Routes } from './context.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { fleetOperationRoutes } from './fleet-operations.ts';
import { fleetRoutes } from './fleets.ts';
import { instanceOperationRoutes } from './instance-operations.ts';
import { instanceRoutes } from './instances.ts';
import { metricRoutes } from './metrics.ts';
import openapi from './openapi.json' with { type: 'json' };
import { offerRoutes, planRoutes } from './plans.ts';
import { Refused, refuse } from './problems.ts';
import { queueRoutes } from './queue.ts';
import { instanceReportRoutes, submissionReportRoutes } from './reports.ts';
import { runEventRoutes } from './run-events.ts';
import { runLogRoutes } from './run-logs.ts';
import { runWhyRoutes } from './run-why.ts';
import { runRoutes } from './runs.ts';
import { secretRoutes } from './secrets.ts';

/** The HTTP API: routes over what the handler composes. `unexpected` hears of every error that is no refusal. */
export function app(api: Api, unexpected: (error: unknown) => void): Routes {
  const routes: Routes = new Hono<Env>();
  routes.use(methodNotAllowed({ app: routes, onMethodNotAllowed: otherMethod }));
  routes.get('/v1/health', (c) => c.json({ status: 'ok', version: api.version } satisfies Health));
  routes.get('/v1/openapi.json', (c) => c.json(openapi));
  routes.route('/v1/submissions', submissionReportRoutes(api));
  routes.route('/v1/instances', instanceReportRoutes(api));

  routes.use('/v1/*', async (c, next) => {
    const caller = callerOf(c.env.event);
    if (caller === undefined) return noRoute(c);
    c.set('caller', caller);
    return next();
  });
  routes.route('/v1/plans', planRoutes(api));
  routes.route('/v1/offers', offerRoutes(api));
  routes.route('/v1/code', codeRoutes(api));
  routes.route('/v1/runs', runRoutes(api));
  routes.route('/v1/runs', runEventRoutes(api));
  routes.route('/v1/runs', runLogRoutes(api));
  routes.route('/v1/runs', runWhyRoutes(api));
  routes.route('/v1/secrets', secretRoutes(api));
  routes.route('/v1/queue', queueRoutes(api));
  routes.route('/v1/dead-letters', deadLetterRoutes(api));
  routes.route('/v1/instances', instanceRoutes(api));
  routes.route('/v1/instances', instanceOperationRoutes(api));
  routes.route('/v1/fleets', fleetRoutes(api));
  routes.route('/v1/fleets', fleetOperationRoutes(api));
  routes.route('/v1/metrics', metricRoutes(api));

  routes.notFound(noRoute);
  routes.onError((error, c) => {
    if (!(error instanceof Refused)) unexpected(error);
    const { problem } =
      error instanceof Refused
        ? error
        : error instanceof NoCatalogue
          ? refuse(503, 'no-catalogue', error.message)
          : refuse(
              500,
              'internal',
              'something went wrong here; nothing is half-written, so the same request may be sent again',
            );
    return c.json(problem, problem.status as 400, { 'content-type': 'application/problem+json' });
  });
  return routes;
}

function noRoute(c: Context<Env>): Response {
  const detail = `${c.req.method} ${c.req.path} is no route; see GET /v1/openapi.json`;
  const { problem } = refuse(404, 'no-route', detail);
  return c.json(problem, 404, { 'content-type': 'application/problem+json' });
}

/** Of a path that other methods have: `HEAD` is not let through by the gateway. */
function otherMethod(c: Context<Env>, known: readonly string[]): Response {
  const methods = known
    .filter((method) => method !== 'HEAD')
    .toSorted()
    .join(', ');
  const detail = `${c.req.path} takes ${methods}, not ${c.req.method}; see GET /v1/openapi.json`;
  const { problem } = refuse(405, 'no-method', detail);
  return c.json(problem, 405, { 'content-type': 'application/problem+json', allow: methods });
}

/**
 * The authorizer's word for who calls. `undefined`: it was not asked, since the gateway took the path for that of a report,
 * which `/v1/instances/..%2F..%2Fv1%2Fruns%3F/report` is to it and not here.
 */
function callerOf(event: Env['Bindings']['event']): Caller | undefined {
  const context =
    'requestContext' in event ? (event.requestContext as { authorizer?: { lambda?: unknown } }) : {};
  const given = context.authorizer?.lambda as Partial<Caller> | undefined;
  if (typeof given?.user !== 'string' || typeof given.project !== 'string') return undefined;
  return { user: given.user, project: given.project };
}
