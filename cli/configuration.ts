import { readFileSync } from 'node:fs';
import { buffer as bytesOf } from 'node:stream/consumers';
import { type Document, type LineCounter, stringify } from 'yaml';
import { resolveEnv } from '../domain/configuration/env.ts';
import type { EnvValue, FleetConfiguration, TaskConfiguration } from '../domain/configuration/normalized.ts';
import type { Given, Merged, Overridden } from '../domain/configuration/overrides.ts';
import { formatPath, type Problem } from '../domain/configuration/problem.ts';
import { secretsNamed } from '../domain/configuration/references.ts';
import type { Result } from '../domain/kernel/result.ts';
import { linesOf, readDocument } from '../infra/yaml/document.ts';
import { isSecret, locate } from '../infra/yaml/locate.ts';
import { type LocatedProblem, locateAt } from '../infra/yaml/located-problem.ts';
import { readApplicable, readConfiguration } from '../infra/yaml/read-configuration.ts';
import { readUtf8 } from '../infra/yaml/utf8.ts';
import { Refused } from './client/refusal.ts';
import { variable } from './environment.ts';
import { Exit, Failure, usage } from './exit.ts';
import { formatMerged, mergedWith } from './overridden.ts';
import { withSetupScript } from './setup-script.ts';

interface Source {
  readonly file: string;
  /** As it was written, in plain values, with what was given beside it: what is sent. */
  readonly written: Readonly<Record<string, unknown>>;
  /** What was given beside it. */
  readonly overridden: readonly Overridden[];
  /** A refusal of it by the server, with the places in the file. */
  readonly explain: (error: unknown) => unknown;
  /** A refusal of it here, with the same. */
  readonly invalid: (problems: readonly Problem[]) => Failure;
}

/** A run configuration as its file has it: read, and found to be right. */
export interface Configuration extends Source {
  readonly task: TaskConfiguration;
}

/** The same of a fleet. */
export interface FleetFile extends Source {
  readonly fleet: FleetConfiguration;
}

/** Reads `file`, or stdin for `-`, of a run. Everything wrong with it is said at once, with line and column. */
export async function configurationIn(file: string, given: Given = NOTHING): Promise<Configuration> {
  return runIn(await textIn(file), given);
}

/** Reads what may be applied, whichever of the two it is. */
export async function applicableIn(file: string, given: Given = NOTHING): Promise<Configuration | FleetFile> {
  const { value, ...source } = read(await textIn(file), given, readApplicable);
  return value.type === 'fleet' ? { ...source, fleet: value } : withFiles(source, value);
}

/** A run of commands alone, without a file. */
export function configurationOf(commands: readonly string[], given: Given): Configuration {
  return runIn({ text: stringify({ type: 'task', commands }), name: COMMAND_LINE }, given);
}

function runIn(text: NamedText, given: Given): Configuration {
  const { value, ...source } = read(text, given, readConfiguration);
  return withFiles(source, value);
}

/** With what lies beside the configuration. */
function withFiles(source: Source, task: TaskConfiguration): Configuration {
  const read = withSetupScript(source.file === STDIN ? '-' : source.file, source.written, task);
  if (!read.ok) throw source.invalid(read.error);
  return { ...source, written: read.value.written, task: read.value.value };
}

const STDIN = '<stdin>';
const COMMAND_LINE = '<command line>';
const NOTHING: Given = { defaults: [], overrides: [], variables: [], args: [] };

interface NamedText {
  readonly text: string;
  readonly name: string;
}

const textIn = async (file: string): Promise<NamedText> => ({
  text: await contentOf(file),
  name: file === '-' ? STDIN : file,
});

function read<T>(
  { text, name }: NamedText,
  given: Given,
  reader: (
    text: string,
    name: string,
    merged: (plain: unknown) => unknown,
  ) => Result<T, readonly LocatedProblem[]>,
): Source & { readonly value: T } {
  const all: { merged: Merged | null } = { merged: null };
  const result = reader(text, name, (plain) => {
    all.merged = mergedWith(plain, given, name);
    return all.merged?.written ?? plain;
  });
  const overridden = all.merged?.overridden ?? [];
  if (!result.ok) throw invalid(formatMerged(result.error, overridden), name);
  const lines = linesOf(text);
  const document = readDocument(text, lines);
  if (!document.ok) throw new Error(`${name} was read, and then could not be`);
  const source = { text, lines, file: name, document: document.value, overridden };
  return {
    file: name,
    value: result.value,
    written: all.merged?.written ?? (document.value.toJS() as Record<string, unknown>),
    overridden,
    explain: (error) => explained(error, source),
    invalid: (problems) => located(problems, source),
  };
}

/** The same with `- NAME` under `env` given its value from this shell's environment. */
export function withVariables({ file, task, written }: Configuration): Readonly<Record<string, unknown>> {
  const resolved = resolveEnv(task, variable);
  if (resolved.ok) {
    const { env, container } = resolved.value;
    const own = Object.keys(container).length > 0 && { env: container };
    return {
      ...written,
      env,
      ...(own && { container: { ...(written.container as Record<string, unknown>), ...own } }),
    };
  }
  const problems = resolved.error.map(({ path, message, hint }) =>
    [`${file}: ${formatPath(path)}: ${message}`, ...(hint ? [`  hint: ${hint}`] : [])].join('\n'),
  );
  throw invalid(problems.join('\n'), file);
}

/** The same without a value that may be secret: of those, only the names of the project's secrets are left. */
export function withoutValues({ task, written }: Configuration): Readonly<Record<string, unknown>> {
  const { env: _, registry_auth: __, ...open } = written;
  const { env: ___, ...container } = (open.container ?? {}) as Record<string, unknown>;
  const auth = task.registry_auth && secretsOnly(task.registry_auth);
  return {
    ...open,
    env: secretsOnly(task.env),
    ...(auth && Object.keys(auth).length > 0 && { registry_auth: { username: '-', password: '-', ...auth } }),
    ...(task.container && { container: { ...container, env: secretsOnly(task.container.env) } }),
  };
}

const secretsOnly = (values: Readonly<Record<string, EnvValue>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([field, value]) => {
      const names = typeof value === 'string' ? secretsNamed(value) : [];
      return names.length === 0 ? [] : [[field, names.map((name) => `\${{ secrets.${name} }}`).join('')]];
    }),
  );

async function contentOf(file: string): Promise<string> {
  const text = readUtf8(file === '-' ? await bytesOf(process.stdin) : readBytes(file));
  if (text.ok) return text.value;
  const { line, column, message, hint } = text.error;
  const name = file === '-' ? STDIN : file;
  throw invalid(`${name}:${line}:${column}: ${message}\n  hint: ${hint}`, name);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw usage(`there is no file ${file}`, 'sortie apply -f examples/hello.yaml');
    if (code === 'EISDIR') throw usage(`${file} is a directory`, `name a file in it: -f ${file}/run.yaml`);
    throw usage(`cannot read ${file}: ${code ?? String(error)}`);
  }
}

const invalid = (problems: string, file: string): Failure =>
  new Failure(`${problems}\n${file} was not submitted`, { exit: Exit.usage });

type Text = {
  text: string;
  lines: LineCounter;
  file: string;
  document: Document;
  overridden: readonly Overridden[];
};

function explained(error: unknown, text: Text): unknown {
  if (!(error instanceof Refused)) return error;
  const problems = error.problem.errors ?? [];
  if (!problems.some(({ path }) => path[0] === 'configuration')) return error;
  return located(
    problems.map(({ path, message, hint }) => ({
      path: path[0] === 'configuration' ? path.slice(1) : path,
      message,
      ...(hint !== undefined && { hint }),
    })),
    text,
  );
}

function located(problems: readonly Problem[], { document, overridden, ...source }: Text): Failure {
  const found = problems.map((problem) => {
    const span = locate(document, problem) ?? { start: 0, end: 0 };
    return locateAt(problem, span, isSecret(problem.path) ? 'position only' : 'source', source);
  });
  return invalid(formatMerged(found, overridden), source.file);
}
