import {
  DeleteParameterCommand,
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
  type SSMClientConfig,
} from '@aws-sdk/client-ssm';
import { SECRET_NAME } from '../../domain/secrets/secret.ts';
import type { SecretRef, SecretSummary, Secrets } from '../../domain/secrets/secrets.ts';
import { timeouts } from '../timeouts.ts';

export interface SsmSecretsConfig {
  readonly region: string;
  /** Under which all parameters are: `/sortie/<stage>`. */
  readonly path: string;
}

/** The most that GetParameters and GetParametersByPath take and give in a call. */
const BATCH = 10;

/** GetParameters is shared with whatever else the account does, at 40 a second: a throttle is waited for. */
const ATTEMPTS = 8;

/**
 * Secrets as parameters of the type SecureString, `<path>/<project>/secrets/<name>`, encrypted by the AWS managed key
 * `aws/ssm`, whose key policy lets whoever may read a parameter decrypt it. Throws when SSM cannot be reached.
 */
export function ssmSecrets(config: SsmSecretsConfig, settings: SSMClientConfig = {}): Secrets {
  const client = new SSMClient({
    region: config.region,
    requestHandler: timeouts(10_000),
    maxAttempts: ATTEMPTS,
    ...settings,
  });
  const folderOf = (project: string) => `${config.path}/${project}/secrets`;
  const parameterOf = ({ project, name }: SecretRef) => `${folderOf(project)}/${name}`;

  /** Values by name; encrypted ones where they are not to be read. */
  async function valuesOf(project: string, names: readonly string[], WithDecryption: boolean) {
    const values = new Map<string, string>();
    const wanted = [...new Set(names)];
    for (let at = 0; at < wanted.length; at += BATCH) {
      const Names = wanted.slice(at, at + BATCH).map((name) => parameterOf({ project, name }));
      const { Parameters = [] } = await client.send(new GetParametersCommand({ Names, WithDecryption }));
      for (const { Name, Value } of Parameters)
        if (Name !== undefined && Value !== undefined) values.set(lastOf(Name), Value);
    }
    return values;
  }

  return {
    async set(at, value) {
      try {
        const { Version } = await client.send(
          new PutParameterCommand({
            Name: parameterOf(at),
            Value: value,
            Type: 'SecureString',
            Tier: 'Standard',
            Overwrite: true,
          }),
        );
        return Version === 1 ? 'created' : 'replaced';
      } catch (error) {
        const code = error instanceof Error ? error.name : 'unknown';
        if (code === 'ParameterLimitExceeded') return 'full';
        if (code === 'TooManyUpdates') return 'busy';
        // Without SSM's own words, as message or cause: they quote what they refuse.
        throw new Error(`PutParameter of ${parameterOf(at)} failed: ${code}`);
      }
    },

    async remove(at) {
      try {
        await client.send(new DeleteParameterCommand({ Name: parameterOf(at) }));
        return 'removed';
      } catch (error) {
        if (error instanceof Error && error.name === 'ParameterNotFound') return 'missing';
        throw error;
      }
    },

    async list(project, limit, from) {
      const items: SecretSummary[] = [];
      let next = from;
      try {
        do {
          const page: GetParametersByPathCommandOutput = await client.send(
            new GetParametersByPathCommand({
              Path: folderOf(project),
              MaxResults: Math.min(BATCH, limit - items.length),
              WithDecryption: false,
              ...(next && { NextToken: next }),
            }),
          );
          // Another program may have put something else there.
          for (const { Name = '', LastModifiedDate } of page.Parameters ?? [])
            if (SECRET_NAME.test(lastOf(Name)) && LastModifiedDate)
              items.push({ name: lastOf(Name), set_at: LastModifiedDate.getTime() });
          next = page.NextToken;
        } while (next && items.length < limit);
      } catch (error) {
        if (from !== undefined && error instanceof Error && error.name === 'InvalidNextToken')
          return 'bad-cursor';
        throw error;
      }
      return { items, ...(next && { next }) };
    },

    async missing(project, names) {
      const there = await valuesOf(project, names, false);
      return [...new Set(names)].filter((name) => !there.has(name));
    },

    read: (project, names) => valuesOf(project, names, true),
  };
}

const lastOf = (parameter: string): string => parameter.slice(parameter.lastIndexOf('/') + 1);
