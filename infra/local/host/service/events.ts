import type * as z from 'zod';
import { compilePattern } from '../event-pattern.ts';
import type { Authorizer, Deployment } from './deployment.ts';
import { parseAt } from './parse-at.ts';
import { joinPath, NotUnderstood } from './paths.ts';
import { eventSchemas, type FunctionSettings } from './schema.ts';

export type Binding = Pick<Deployment, 'routes' | 'mappings' | 'schedules' | 'rules'>;

type Source = {
  key: string;
  deployedName: string;
  path: string;
  settings: FunctionSettings;
  authorizers: Readonly<Record<string, Authorizer>>;
  into: Binding;
};

/** Adds what a function's `events` ask for to the routes, stream mappings, schedules and rules. */
export function bindEvents(source: Source): void {
  source.settings.events.forEach((event, at) => {
    const path = joinPath(joinPath(source.path, 'events'), at);
    const [kind, ...others] = Object.keys(event);
    if (kind === undefined || others.length > 0 || !(kind in eventSchemas)) {
      throw new NotUnderstood(path, `one of ${Object.keys(eventSchemas).join(', ')} was expected`);
    }
    const inner = joinPath(path, kind);
    const value = event[kind];
    switch (kind as keyof typeof eventSchemas) {
      case 'httpApi':
        return route(source, parseAt(eventSchemas.httpApi, value, inner), inner);
      case 'stream':
        return stream(source, parseAt(eventSchemas.stream, value, inner), inner, at);
      case 'schedule':
        return schedule(source, parseAt(eventSchemas.schedule, value, inner), inner, at);
      case 'eventBridge':
        return rule(source, parseAt(eventSchemas.eventBridge, value, inner), inner, at);
    }
  });
}

function route(source: Source, event: z.infer<typeof eventSchemas.httpApi>, path: string): void {
  const text = typeof event === 'string' ? event : `${event.method ?? '*'} ${event.path}`;
  const [method = '', where] = text === '*' || text === '* *' ? ['$default'] : text.split(' ');
  const key = where === undefined ? method : `${method === '*' ? 'ANY' : method.toUpperCase()} ${where}`;
  if (key !== '$default' && !/^(ANY|GET|POST|PUT|PATCH|OPTIONS|HEAD|DELETE) \/\S*$/.test(key)) {
    throw new NotUnderstood(path, `${JSON.stringify(text)} is not a route`);
  }
  const wanted = typeof event === 'string' ? undefined : event.authorizer;
  const authorizer = typeof wanted === 'object' ? wanted.name : (wanted ?? null);
  if (authorizer !== null && !(authorizer in source.authorizers)) {
    throw new NotUnderstood(path, `there is no authorizer ${authorizer} in provider.httpApi.authorizers`);
  }
  source.into.routes.push({ key, function: source.key, authorizer });
}

function stream(source: Source, event: z.infer<typeof eventSchemas.stream>, path: string, at: number): void {
  const table = /^arn:aws:dynamodb:[^:]*:[^:]*:table\/([^/]+)\/stream\//.exec(event.arn)?.[1];
  if (table === undefined) throw new NotUnderstood(`${path}.arn`, `${event.arn} is not a table's stream`);
  if (!event.enabled) return;
  source.into.mappings.push({
    id: `${source.key}-${table}-${at}`,
    function: source.key,
    table,
    batchSize: event.batchSize,
    batchWindowSeconds: event.batchWindow,
    lanes: event.parallelizationFactor,
    start: event.startingPosition,
    retries: event.maximumRetryAttempts,
    maximumRecordAgeSeconds: event.maximumRecordAgeInSeconds,
    onError: event.bisectBatchOnFunctionError ? 'bisect' : 'retry-whole',
    response: event.functionResponseType ?? 'whole-batch',
    filters: event.filterPatterns.map((pattern, index) =>
      compilePattern(pattern, 'lambda-filter', joinPath(`${path}.filterPatterns`, index)),
    ),
    onFailureArn: event.destinations?.onFailure ?? null,
  });
}

function schedule(
  source: Source,
  event: z.infer<typeof eventSchemas.schedule>,
  path: string,
  at: number,
): void {
  const settings = typeof event === 'string' ? { rate: event, enabled: true } : event;
  if (!settings.enabled) return;
  [settings.rate].flat().forEach((expression, index) => {
    const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
    const amount = Number(rate?.[1]);
    if (!rate || amount < 1) {
      throw new NotUnderstood(path, `the host runs rate(n minutes|hours|days), not ${expression}`);
    }
    const minutes = { minute: 1, hour: 60, day: 1440 }[rate[2] as 'minute' | 'hour' | 'day'];
    source.into.schedules.push({
      name: settings.name ?? `${source.deployedName}-rule-${at + index + 1}`,
      function: source.key,
      everyMinutes: amount * minutes,
      input: typeof settings.input === 'string' ? JSON.parse(settings.input) : settings.input,
    });
  });
}

function rule(
  source: Source,
  event: z.infer<typeof eventSchemas.eventBridge>,
  path: string,
  at: number,
): void {
  const pattern = compilePattern(event.pattern, 'eventbridge', `${path}.pattern`);
  if (!event.enabled) return;
  const bus = event.eventBus.startsWith('arn:') ? (event.eventBus.split('/').at(-1) ?? '') : event.eventBus;
  source.into.rules.push({
    name: event.name ?? `${source.deployedName}-rule-${at + 1}`,
    function: source.key,
    bus,
    pattern,
  });
}
