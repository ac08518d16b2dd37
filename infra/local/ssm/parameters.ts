import { createHash } from 'node:crypto';
import * as z from 'zod';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import { type AwsError, awsError } from '../wire/aws-error.ts';
import { epochSeconds } from './json-protocol.ts';
import type { ParameterRecord, ParameterStore } from './parameter-store.ts';
import { badToken } from './refusals.ts';

/** Of a standard parameter's value: https://docs.aws.amazon.com/general/latest/gr/ssm.html. */
const MAX_BYTES = 4096;

const name = z
  .string()
  .min(1, 'Member must have length greater than or equal to 1')
  .max(2048, 'Member must have length less than or equal to 2048')
  .regex(
    /^(\/[A-Za-z0-9_.-]+)+$|^[A-Za-z0-9_.-]+$/,
    'Parameter name must be a fully qualified name of letters, numbers and the symbols .-_ with / between its parts',
  );

/** The shapes of the calls: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html. */
export const putParameterSchema = z.strictObject({
  Name: name,
  Value: z.string(),
  Type: z.enum(['String', 'SecureString']).optional(),
  Tier: z.literal('Standard').default('Standard'),
  Overwrite: z.boolean().default(false),
  Description: z.string().max(1024).optional(),
});
export const getParametersSchema = z.strictObject({
  Names: z
    .array(name)
    .min(1, 'Member must have length greater than or equal to 1')
    .max(10, 'Member must have length less than or equal to 10'),
  WithDecryption: z.boolean().default(false),
});
export const getParametersByPathSchema = z.strictObject({
  Path: z
    .string()
    .regex(/^(\/[A-Za-z0-9_.-]+)+\/?$|^\/$/, "The parameter doesn't meet the parameter name requirements"),
  Recursive: z.boolean().default(false),
  MaxResults: z.number().int().min(1).max(10, 'Member must have value less than or equal to 10').default(10),
  WithDecryption: z.boolean().default(false),
  NextToken: z.string().optional(),
});
export const deleteParameterSchema = z.strictObject({ Name: name });

type Place = { readonly region: string; readonly account: string };

/** The calls of Parameter Store, as far as secrets need them. */
export function parameterCalls(store: ParameterStore, place: Place, now: () => number) {
  const shown = (parameter: ParameterRecord, WithDecryption: boolean): object => ({
    Name: parameter.name,
    Type: parameter.type,
    Value: WithDecryption || parameter.type === 'String' ? parameter.value : encrypted(parameter),
    Version: parameter.version,
    LastModifiedDate: epochSeconds(parameter.modifiedAt),
    ARN: `arn:aws:ssm:${place.region}:${place.account}:parameter${parameter.name.startsWith('/') ? '' : '/'}${parameter.name}`,
    DataType: 'text',
  });

  return {
    put({ Name, Value, Type, Overwrite }: z.infer<typeof putParameterSchema>): Result<object, AwsError> {
      const refusal = refusedValue(Value);
      if (refusal !== null) return fail(refusal);
      const before = store.get(Name);
      if (before !== undefined && !Overwrite) return fail(exists);
      const type = Type ?? before?.type;
      if (type === undefined)
        return fail(
          awsError('ValidationException', 'A parameter type is required when you create a parameter.'),
        );
      const version = (before?.version ?? 0) + 1;
      store.save({ name: Name, value: Value, type, version, modifiedAt: now() });
      return ok({ Version: version, Tier: 'Standard' });
    },

    get({ Names, WithDecryption }: z.infer<typeof getParametersSchema>): Result<object, AwsError> {
      if (new Set(Names).size < Names.length)
        return fail(awsError('ValidationException', 'Duplicate parameter names are not allowed.'));
      const found = Names.map((one) => ({ one, parameter: store.get(one) }));
      return ok({
        Parameters: found.flatMap(({ parameter }) => (parameter ? [shown(parameter, WithDecryption)] : [])),
        InvalidParameters: found.flatMap(({ one, parameter }) => (parameter ? [] : [one])),
      });
    },

    list(call: z.infer<typeof getParametersByPathSchema>): Result<object, AwsError> {
      const folder = call.Path.endsWith('/') ? call.Path : `${call.Path}/`;
      const after = call.NextToken === undefined ? '' : Buffer.from(call.NextToken, 'base64url').toString();
      if (after !== '' && !after.startsWith(folder)) return fail(badToken);
      const below = store
        .all()
        .filter(({ name }) => name.startsWith(folder) && name > after)
        .filter(({ name }) => call.Recursive || !name.slice(folder.length).includes('/'));
      const page = below.slice(0, call.MaxResults);
      const last = page.at(-1);
      return ok({
        Parameters: page.map((parameter) => shown(parameter, call.WithDecryption)),
        ...(last &&
          page.length < below.length && { NextToken: Buffer.from(last.name).toString('base64url') }),
      });
    },

    remove({ Name }: z.infer<typeof deleteParameterSchema>): Result<object, AwsError> {
      return store.remove(Name) === 'removed' ? ok({}) : fail(awsError('ParameterNotFound', ''));
    },
  };
}

const exists: AwsError = awsError(
  'ParameterAlreadyExists',
  'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
);

/** SSM quotes the value that it refuses, a secret or not. */
function refusedValue(value: string): AwsError | null {
  if (value === '')
    return awsError(
      'ValidationException',
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  if (/\{\{.*\}\}/s.test(value))
    return awsError(
      'ValidationException',
      `Parameter value: '${value}' can't nest another parameter. Do not use "{{}}" in the value.`,
    );
  if (Buffer.byteLength(value) > MAX_BYTES)
    return awsError(
      'ValidationException',
      'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.',
    );
  return null;
}

/** The place of a ciphertext, which is another for each version; nobody decrypts it. */
const encrypted = ({ name, version }: ParameterRecord): string =>
  createHash('sha512').update(`${name} ${version}`).digest('base64');
