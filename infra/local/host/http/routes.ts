import type { Route } from '../service/deployment.ts';

export type RouteMatch = { route: Route; pathParameters: Record<string, string> | null };
export type Router = (method: string, path: string) => RouteMatch | null;

type Segment = { kind: 'literal' | 'variable' | 'greedy'; text: string };
type Compiled = { route: Route; method: string; segments: Segment[] };

const ORDER = { literal: 0, variable: 1, greedy: 2 } as const;

/**
 * Picks a route as an HTTP API does: the most specific path first (literal, then `{variable}`, then `{greedy+}`),
 * the method before `ANY`, and `$default` when nothing else fits. `path` is percent-encoded; parameters are decoded.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function createRouter(routes: readonly Route[]): Router {
  const fallback = routes.find((route) => route.key === '$default');
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compile)
    .sort(bySpecificity);
  return (method, path) => {
    const parts = path.split('/').slice(1);
    for (const candidate of compiled) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue;
      const values = fit(candidate.segments, parts);
      if (!values) continue;
      return { route: candidate.route, pathParameters: Object.keys(values).length > 0 ? values : null };
    }
    return fallback ? { route: fallback, pathParameters: null } : null;
  };
}

function compile(route: Route): Compiled {
  const [method = '', path = ''] = route.key.split(' ');
  const segments = path
    .split('/')
    .slice(1)
    .map((part): Segment => {
      const variable = /^\{([^}+]+)(\+?)\}$/.exec(part);
      if (!variable) return { kind: 'literal', text: part };
      return { kind: variable[2] === '+' ? 'greedy' : 'variable', text: variable[1] ?? '' };
    });
  return { route, method, segments };
}

function bySpecificity(a: Compiled, b: Compiled): number {
  for (let at = 0; at < Math.min(a.segments.length, b.segments.length); at++) {
    const difference = ORDER[a.segments[at]?.kind ?? 'greedy'] - ORDER[b.segments[at]?.kind ?? 'greedy'];
    if (difference !== 0) return difference;
  }
  return b.segments.length - a.segments.length || Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function fit(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | null {
  const values: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const part = parts[at];
    if (part === undefined) return null;
    if (segment.kind === 'greedy') {
      if (part === '' && parts.length === at + 1) return null;
      values[segment.text] = parts.slice(at).map(decodeURIComponent).join('/');
      return values;
    }
    if (segment.kind === 'literal' ? segment.text !== part : part === '') return null;
    if (segment.kind === 'variable') values[segment.text] = decodeURIComponent(part);
  }
  return parts.length === segments.length ? values : null;
}
