import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ssm, startSsm } from '../../../infra/local/ssm/start-ssm.ts';
import { ssmSecrets } from '../../../infra/ssm/secrets.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { credentials } from '../ec2/embedded.ts';
import { startProxy } from '../proxy.ts';
import { secretsContract } from './secrets-contract.ts';

const region = 'us-east-1';
const path = '/sortie/test';
const adapter = (endpoint: string) => ssmSecrets({ region, path }, { endpoint, credentials, maxAttempts: 1 });
const start = (data: string) =>
  startSsm({ data, credentials, documents: [], stateOf: () => undefined, emit: () => {} });
const folder = () => mkdtempSync(join(tmpdir(), 'sortie-secrets-'));

describe('secrets in memory', () => {
  it('have no page of an unknown cursor', async () => {
    expect(await memorySecrets().list('main', 12, 'no such page')).toBe('bad-cursor');
  });

  secretsContract(async () => ({ secrets: memorySecrets(), stop: async () => {} }));
});

describe('secrets in Parameter Store, over the wire', () => {
  secretsContract(async () => {
    const data = folder();
    const ssm = await start(data);
    return {
      secrets: adapter(ssm.endpoint),
      stop: async () => {
        await ssm.close();
        rmSync(data, { recursive: true });
      },
    };
  });

  let data: string;
  let ssm: Ssm;
  beforeEach(async () => {
    data = folder();
    ssm = await start(data);
  });
  afterEach(async () => {
    await ssm.close();
    rmSync(data, { recursive: true });
  });

  const token = { project: 'main', name: 'TOKEN' };
  const files = () =>
    readdirSync(data, { recursive: true, encoding: 'utf8' })
      .map((file) => join(data, file))
      .filter((file) => statSync(file).isFile());

  it('are in a file that its owner alone may read, and in no other, with the last value alone', async () => {
    await adapter(ssm.endpoint).set(token, 'a-value-of-before');
    await adapter(ssm.endpoint).set(token, 'a-value-to-find');
    const holders = files().filter((file) => readFileSync(file).includes('a-value-to-find'));
    expect(holders).toHaveLength(1);
    expect(statSync(holders[0] ?? '').mode & 0o777).toBe(0o600);
    expect(files().filter((file) => readFileSync(file).includes('a-value-of-before'))).toEqual([]);
    await adapter(ssm.endpoint).remove(token);
    expect(files().filter((file) => readFileSync(file).includes('a-value-to-find'))).toEqual([]);
  });

  it('have no page of an unknown cursor', async () => {
    expect(await adapter(ssm.endpoint).list('main', 12, 'no such page')).toBe('bad-cursor');
  });

  it('are there after a restart', async () => {
    await adapter(ssm.endpoint).set(token, 'kept');
    await ssm.close();
    ssm = await start(data);
    expect(await adapter(ssm.endpoint).read('main', ['TOKEN'])).toEqual(new Map([['TOKEN', 'kept']]));
    expect(await adapter(ssm.endpoint).set(token, 'newer')).toBe('replaced');
  });

  it('have a path of the deployment, and come encrypted unless they are asked for decrypted', async () => {
    await adapter(ssm.endpoint).set(token, 'hunter2');
    const client = new SSMClient({ region, endpoint: ssm.endpoint, credentials });
    const { Parameters } = await client.send(
      new GetParametersCommand({ Names: ['/sortie/test/main/secrets/TOKEN'] }),
    );
    expect(Parameters).toMatchObject([{ Type: 'SecureString', Version: 1 }]);
    expect(Parameters?.[0]?.Value).not.toContain('hunter2');
  });

  it('that SSM refuses, quoting them, are in no error', async () => {
    const refused = adapter(ssm.endpoint).set(token, 'a {{hunter2}}');
    const error = await refused.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toEqual(
      new Error('PutParameter of /sortie/test/main/secrets/TOKEN failed: ValidationException'),
    );
    expect(error).not.toHaveProperty('cause');
  });

  it.each([
    ['ParameterLimitExceeded', 'full'],
    ['TooManyUpdates', 'busy'],
  ])('are not set where SSM answers %s', async (code, outcome) => {
    const proxy = await startProxy(ssm.endpoint, {
      refuses: () => ({ status: 400, body: JSON.stringify({ __type: code, message: '' }) }),
    });
    expect(await adapter(proxy.endpoint).set(token, 'x')).toBe(outcome);
    await proxy.close();
  });
});
