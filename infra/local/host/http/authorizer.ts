import * as z from 'zod';
import type { LambdaFunction } from '../functions/invoke.ts';
import type { Authorizer, Deployment } from '../service/deployment.ts';
import type { RequestParts } from './request-event.ts';

export type Verdict =
  | { kind: 'allowed'; context: object }
  | { kind: 'unauthorized' }
  | { kind: 'forbidden' }
  | { kind: 'broken' };
export type Authorize = (parts: RequestParts) => Promise<Verdict>;

const simpleResponse = z.object({
  isAuthorized: z.boolean(),
  context: z.record(z.string(), z.unknown()).nullish(),
});

/** Entries of the cache, oldest out first. AWS states no figure; this only bounds memory. */
const CACHED = 10_000;

/**
 * A request authorizer with simple responses. Its answer, either way, is kept per identity for `ttlSeconds`;
 * a request without an identity never reaches the function.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function createAuthorizer(
  authorizer: Authorizer,
  target: LambdaFunction,
  deployment: Pick<Deployment, 'region' | 'account'>,
): Authorize {
  const cache = new Map<string, { verdict: Verdict; until: number }>();
  const cached = authorizer.ttlSeconds > 0 && authorizer.identitySources.length > 0;

  return async (parts) => {
    const identity = authorizer.identitySources.map((source) => identityOf(source, parts));
    if (identity.some((value) => !value)) return { kind: 'unauthorized' };
    const key = JSON.stringify(identity);
    const known = cached ? cache.get(key) : undefined;
    if (known && known.until > Date.now()) return known.verdict;
    const verdict = await ask(identity, parts);
    if (cached && verdict.kind !== 'broken') {
      cache.delete(key);
      cache.set(key, { verdict, until: Date.now() + authorizer.ttlSeconds * 1000 });
      const [oldest] = cache.keys();
      if (cache.size > CACHED && oldest !== undefined) cache.delete(oldest);
    }
    return verdict;
  };

  async function ask(identitySource: unknown[], parts: RequestParts): Promise<Verdict> {
    const { method } = parts.requestContext.http;
    const event = {
      version: '2.0',
      type: 'REQUEST',
      routeArn: `arn:aws:execute-api:${deployment.region}:${deployment.account}:local/$default/${method}${parts.rawPath}`,
      identitySource,
      ...parts,
    };
    const outcome = await target.invoke(event, 'refuse');
    if (outcome.kind !== 'returned') return { kind: 'broken' };
    const answer = simpleResponse.safeParse(outcome.payload);
    if (!answer.success) return { kind: 'broken' };
    return answer.data.isAuthorized
      ? { kind: 'allowed', context: answer.data.context ?? {} }
      : { kind: 'forbidden' };
  }
}

function identityOf(source: string, parts: RequestParts): string | undefined {
  if (source === '$context.routeKey') return parts.routeKey;
  const [, , where, name = ''] = /^\$(request)\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  return where === 'header' ? parts.headers[name.toLowerCase()] : parts.queryStringParameters?.[name];
}
