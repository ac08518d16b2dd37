import * as z from 'zod';
import { ConfigurationRequest } from '../../domain/api/plan.ts';
import { unresolvedEnv } from '../../domain/configuration/env.ts';
import { parseFleet } from '../../domain/configuration/fleet.ts';
import type {
  FleetConfiguration,
  ResolvedTask,
  TaskConfiguration,
} from '../../domain/configuration/normalized.ts';
import type { Path, Problem } from '../../domain/configuration/problem.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import type { Result } from '../../domain/kernel/result.ts';
import type { CodeArchive } from '../../domain/run/code.ts';
import { readConfiguration, readFleet } from '../../infra/yaml/read-configuration.ts';
import { readUtf8 } from '../../infra/yaml/utf8.ts';
import type { Ctx } from './context.ts';
import { invalidConfiguration, type Refused, refuse } from './problems.ts';
import { MAX_DEPTH, readJson } from './read-json.ts';
import { whatIsWrong } from './wrong-field.ts';

/** One page of a list, newest first. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional().meta({ description: '`next` of the page before' }),
});

export const ListQuery = PageQuery.extend({
  status: z
    .enum(['active', 'all'])
    .default('active')
    .meta({ description: '`active`: what has not ended, oldest first; `all`: newest first' }),
});

/** The body by its schema, or a refusal that names each wrong field. `most`: bytes that are read of it. */
export async function bodyOf<T>(c: Ctx, schema: z.ZodType<T>, most = Number.POSITIVE_INFINITY): Promise<T> {
  return parsed(schema, await json(c, most), 'body');
}

export const queryOf = <T>(c: Ctx, schema: z.ZodType<T>): T => parsed(schema, c.req.query(), 'query');

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value, { error: whatIsWrong });
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

async function json(c: Ctx, most: number): Promise<unknown> {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.length > most)
    throw refuse(413, 'too-large', `the body has ${bytes.length} bytes; at most ${most} are read here`);
  const text = readUtf8(bytes);
  if (!text.ok) throw refuse(400, 'not-utf-8', `the body, ${placeOf(text.error)}: ${text.error.message}`);
  return jsonIn(text.value, ({ path, message }) =>
    refuse(
      400,
      'invalid-body',
      `the body is not as described in /v1/openapi.json: ${path.join('.')}: ${message}`,
      {
        errors: [{ path: [...path], message }],
      },
    ),
  );
}

/** `refused`: how to say that a field cannot be taken. */
function jsonIn(text: string, refused: (problem: Problem) => Refused): unknown {
  if (text === '') return {};
  const read = readJson(text);
  if (read.ok) return read.value;
  const { kind, path } = read.error;
  switch (kind) {
    case 'not-json':
      throw refuse(400, 'not-json', 'the body is not JSON; send JSON with `content-type: application/json`');
    case 'given-twice':
      throw refused({ path, message: 'is given twice', hint: 'keep one of them' });
    case 'too-deep':
      throw refused({ path, message: `lists or objects are nested more than ${MAX_DEPTH} deep` });
  }
}

const textOf = async (c: Ctx) => readUtf8(new Uint8Array(await c.req.arrayBuffer()));
const placeOf = ({ line, column }: { line: number; column: number }) => `line ${line}, column ${column}`;

/** A run configuration in either form: JSON as `{"configuration": …}`, or the YAML itself; and the files that come with it. */
export async function submissionOf(
  c: Ctx,
): Promise<{ task: TaskConfiguration; code: CodeArchive | undefined }> {
  const { configuration, name, code } = await written(c, parseConfiguration, readConfiguration);
  withoutFiles(c, configuration);
  return { task: named(configuration, name), code };
}

export const configurationOf = async (c: Ctx): Promise<TaskConfiguration> => (await submissionOf(c)).task;

/** What is beside a configuration only its author's machine has. */
function withoutFiles(c: Ctx, { container }: TaskConfiguration): void {
  if (container?.setup_script?.kind !== 'file') return;
  throw invalidConfiguration([
    {
      path: fieldPath(c, 'container', 'setup_script'),
      message: 'is the path of a file, which the API cannot read',
      hint: 'send {"path": "…", "content": "…"}, or the script itself; the CLI reads the file',
    },
  ]);
}

/** The same for a fleet's. */
export async function fleetOf(c: Ctx): Promise<FleetConfiguration & { name: FleetName }> {
  const { configuration, name } = await written(c, parseFleet, readFleet);
  const given = FleetName.safeParse(name ?? configuration.name);
  if (!given.success) throw invalidConfiguration([{ path: ['name'], message: 'is not the name of a fleet' }]);
  return { ...configuration, name: given.data };
}

type Read<T, P> = Result<T, readonly P[]>;

async function written<T>(
  c: Ctx,
  parse: (value: unknown) => Read<T, Problem>,
  read: (text: string) => Read<T, Problem>,
): Promise<{ configuration: T; name: string | undefined; code?: CodeArchive | undefined }> {
  const type = mediaType(c);
  const yaml = isYaml(type);
  if (!yaml && type !== 'application/json')
    throw refuse(415, 'media-type', `send application/json or application/yaml, not ${type || 'nothing'}`);
  const text = await configurationText(c);
  const sent = yaml
    ? null
    : parsed(
        ConfigurationRequest,
        jsonIn(text, (problem) => invalidConfiguration([problem])),
        'body',
      );
  const result = sent === null ? read(text) : parse(sent.configuration);
  if (!result.ok)
    throw invalidConfiguration(
      result.error.map((problem) => ({ ...problem, path: fieldPath(c, ...problem.path) })),
    );
  const configuration = result.value;
  return sent === null
    ? { configuration, name: c.req.query('name') }
    : { configuration, name: sent.name, code: sent.code };
}

/** Where a field of the configuration is in the body: JSON has it under `configuration`. */
export const fieldPath = (c: Ctx, ...path: Path): Path =>
  isYaml(mediaType(c)) ? path : ['configuration', ...path];

/** API Gateway hands a text on as one, with U+FFFD for each byte of it that is not UTF-8: the bytes are lost by then. */
async function configurationText(c: Ctx): Promise<string> {
  const text = await textOf(c);
  const hint = 'send UTF-8';
  if (!text.ok)
    throw invalidConfiguration([
      { path: [], message: `${placeOf(text.error)}: ${text.error.message}`, hint },
    ]);
  const at = text.value.indexOf('\ufffd');
  if (at < 0) return text.value;
  const line = text.value.slice(0, at).split('\n').length;
  const message = `line ${line} has U+FFFD, which stands for bytes that are not UTF-8`;
  throw invalidConfiguration([{ path: [], message, hint }]);
}

const mediaType = (c: Ctx): string =>
  (c.req.header('content-type') ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
const isYaml = (type: string): boolean => /^(application|text)\/(x-)?yaml$/.test(type);

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
      missing.map((path) => ({
        path: [...path],
        message: 'has no value',
        hint: 'send `NAME=value`; the CLI takes it from your environment',
      })),
    );
  return task as ResolvedTask;
}
