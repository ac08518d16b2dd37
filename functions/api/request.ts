import * as z from 'zod';
import { ConfigurationRequest } from '../../domain/api/plan.ts';
import { unresolvedEnv } from '../../domain/configuration/env.ts';
import type { ResolvedTask, TaskConfiguration } from '../../domain/configuration/normalized.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { readConfiguration } from '../../infra/yaml/read-configuration.ts';
import type { Ctx } from './context.ts';
import { invalidConfiguration, refuse } from './problems.ts';

/** One page of a list, newest first. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional().meta({ description: '`next` of the page before' }),
});

export const ListQuery = PageQuery.extend({
  status: z
    .enum(['active', 'all'])
    .default('active')
    .meta({ description: '`active`: what has not ended, all of it; `all`: page by page' }),
});

/** The body by its schema, or a refusal that names each wrong field. */
export async function bodyOf<T>(c: Ctx, schema: z.ZodType<T>): Promise<T> {
  return parsed(schema, await json(c), 'body');
}

export const queryOf = <T>(c: Ctx, schema: z.ZodType<T>): T => parsed(schema, c.req.query(), 'query');

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({
    path: path.map((step) => (typeof step === 'symbol' ? String(step) : step)),
    message,
  }));
  const first = errors[0];
  const at = first && first.path.length > 0 ? `${first.path.join('.')}: ` : '';
  throw refuse(
    400,
    `invalid-${what}`,
    `the ${what} is not as described in /v1/openapi.json: ${at}${first?.message}`,
    {
      errors,
    },
  );
}

async function json(c: Ctx): Promise<unknown> {
  const text = await c.req.text();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw refuse(400, 'not-json', 'the body is not JSON; send JSON with `content-type: application/json`');
  }
}

/** A configuration in either form: JSON as `{"configuration": …}`, or the YAML itself. */
export async function configurationOf(c: Ctx): Promise<TaskConfiguration> {
  const type = (c.req.header('content-type') ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
  if (/^(application|text)\/(x-)?yaml$/.test(type)) {
    const read = readConfiguration(await c.req.text());
    if (!read.ok) throw invalidConfiguration(read.error);
    return named(read.value, c.req.query('name'));
  }
  if (type !== 'application/json')
    throw refuse(415, 'media-type', `send application/json or application/yaml, not ${type || 'nothing'}`);
  const { configuration, name } = await bodyOf(c, ConfigurationRequest);
  const read = parseConfiguration(configuration);
  if (!read.ok)
    throw invalidConfiguration(
      read.error.map((problem) => ({ ...problem, path: ['configuration', ...problem.path] })),
    );
  return named(read.value, name);
}

/** A name given beside the configuration obeys the same rules as one in it. */
function named(task: TaskConfiguration, name: string | undefined): TaskConfiguration {
  if (name === undefined) return task;
  const read = parseConfiguration({ type: 'task', name, commands: ['true'] });
  if (!read.ok) throw invalidConfiguration(read.error);
  return { ...task, name: read.value.name };
}

/** Only the submitter's own shell can give `- NAME` its value: the CLI does before it sends. */
export function resolved(task: TaskConfiguration): ResolvedTask {
  const missing = unresolvedEnv(task);
  if (missing.length > 0)
    throw invalidConfiguration(
      missing.map((name) => ({
        path: ['env', name],
        message: 'has no value',
        hint: 'send `NAME=value`; the CLI takes it from your environment',
      })),
    );
  return task as ResolvedTask;
}
