import * as z from 'zod';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { AwsError } from '../wire/aws-error.ts';
import { invalidParameters } from './refusals.ts';

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html */
const parameterSchema = z.strictObject({
  type: z.enum(['String', 'StringList', 'Integer', 'Boolean']),
  description: z.string().optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
  allowedPattern: z.string().optional(),
  allowedValues: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  minChars: z.number().optional(),
  maxChars: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  displayType: z.string().optional(),
});
type Parameter = z.infer<typeof parameterSchema>;

/** One step of aws:runShellScript: what Sortie's documents are. Others are refused when the service starts. */
const contentSchema = z.strictObject({
  schemaVersion: z.literal('2.2'),
  description: z.string().optional(),
  parameters: z.record(z.string(), parameterSchema).default({}),
  mainSteps: z.tuple([
    z.strictObject({
      action: z.literal('aws:runShellScript'),
      name: z.string().min(1),
      precondition: z.unknown().optional(),
      inputs: z.strictObject({
        runCommand: z.union([z.string(), z.array(z.string())]),
        timeoutSeconds: z.union([z.string(), z.number()]).default('3600'),
        workingDirectory: z.string().optional(),
      }),
    }),
  ]),
});

export type SsmDocument = {
  readonly name: string;
  readonly content: z.infer<typeof contentSchema>;
  readonly bytes: number;
};

/** What a document comes to with its parameters filled in. */
export type Rendered = {
  readonly script: string;
  readonly timeoutSeconds: number;
  readonly workingDirectory: string | null;
};

/** @param content a document's content, as an object or as its JSON. Throws when it is not of the kind above. */
export function parseDocument(name: string, content: unknown): SsmDocument {
  const value = typeof content === 'string' ? JSON.parse(content) : content;
  const parsed = contentSchema.safeParse(value);
  if (!parsed.success) throw new Error(`SSM document ${name}: ${z.prettifyError(parsed.error)}`);
  return { name, content: parsed.data, bytes: Buffer.byteLength(JSON.stringify(value)) };
}

type Value = string | readonly string[];

export function renderDocument(
  document: SsmDocument,
  given: Readonly<Record<string, readonly string[]>>,
): Result<Rendered, AwsError> {
  const declared = document.content.parameters;
  const strange = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  if (strange.length > 0) {
    return fail(
      invalidParameters(`Parameters ${strange.join(', ')} are not defined in the document ${document.name}.`),
    );
  }
  const values: Record<string, Value> = {};
  for (const [name, parameter] of Object.entries(declared)) {
    const value = valueOf(name, parameter, Object.hasOwn(given, name) ? given[name] : undefined);
    if (!value.ok) return value;
    values[name] = value.value;
  }
  const { inputs } = document.content.mainSteps[0];
  const timeoutSeconds = Number(fill(String(inputs.timeoutSeconds), values));
  if (!(timeoutSeconds >= 1 && timeoutSeconds <= 172_800)) {
    return fail(invalidParameters('executionTimeout must be between 1 and 172800 seconds.'));
  }
  const lines = typeof inputs.runCommand === 'string' ? [inputs.runCommand] : inputs.runCommand;
  return ok({
    script: `${lines.flatMap((line) => fillLine(line, values)).join('\n')}\n`,
    timeoutSeconds,
    workingDirectory: inputs.workingDirectory ? fill(inputs.workingDirectory, values) || null : null,
  });
}

function valueOf(
  name: string,
  parameter: Parameter,
  given: readonly string[] | undefined,
): Result<Value, AwsError> {
  if (given === undefined && parameter.default === undefined) {
    return fail(invalidParameters(`Parameter ${name} requires a value: the document gives no default.`));
  }
  const refuse = (why: string) => fail(invalidParameters(`Parameter ${name} ${why}`));
  const items = given ?? [parameter.default ?? ''].flat().map(String);
  if (parameter.type !== 'StringList' && items.length !== 1) return refuse('takes exactly one value.');
  if (items.length < (parameter.minItems ?? 0)) return refuse(`needs at least ${parameter.minItems} items.`);
  if (items.length > (parameter.maxItems ?? Infinity))
    return refuse(`takes at most ${parameter.maxItems} items.`);
  for (const item of items) {
    if (parameter.type === 'Integer' && !/^-?\d+$/.test(item)) return refuse('is not an integer.');
    if (parameter.type === 'Boolean' && !/^(true|false)$/i.test(item)) return refuse('is not a boolean.');
    if (item.length < (parameter.minChars ?? 0))
      return refuse(`needs at least ${parameter.minChars} characters.`);
    if (item.length > (parameter.maxChars ?? Infinity))
      return refuse(`takes at most ${parameter.maxChars} characters.`);
    if (parameter.allowedValues && !parameter.allowedValues.map(String).includes(item)) {
      return refuse(
        `has a value that is not among its allowed values: ${parameter.allowedValues.join(', ')}.`,
      );
    }
    if (
      parameter.allowedPattern !== undefined &&
      !new RegExp(`^(?:${parameter.allowedPattern})$`, 'u').test(item)
    ) {
      return refuse(`does not match the allowed pattern ${parameter.allowedPattern}.`);
    }
  }
  return ok(parameter.type === 'StringList' ? items : (items[0] ?? ''));
}

const placeholder = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/** A line that is nothing but a list parameter becomes as many lines. */
function fillLine(line: string, values: Readonly<Record<string, Value>>): readonly string[] {
  const [, only] = /^\s*\{\{\s*([A-Za-z0-9_]+)\s*\}\}\s*$/.exec(line) ?? [];
  const value = only === undefined || !Object.hasOwn(values, only) ? undefined : values[only];
  return Array.isArray(value) ? value : [fill(line, values)];
}

/** Text goes in as it is, with no quoting: that is SSM's way, and why documents need an allowedPattern. */
const fill = (text: string, values: Readonly<Record<string, Value>>): string =>
  text.replace(placeholder, (whole, name: string) => {
    if (!Object.hasOwn(values, name)) return whole;
    const value = values[name] ?? '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
