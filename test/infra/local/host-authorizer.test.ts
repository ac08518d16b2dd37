import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forget, observed } from './fixtures/observed.ts';
import { type Stack, startStack, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
let stack: Stack;

beforeAll(async () => {
  stack = await startStack(folder.path);
});
beforeEach(forget);
afterAll(async () => {
  await stack.close();
  folder.remove();
});

type Shown = { message?: string; event: { requestContext: Record<string, unknown> } };
async function withToken(path: string, authorization?: string) {
  const response = await fetch(
    stack.host.url + path,
    authorization === undefined ? {} : { headers: { authorization } },
  );
  return { status: response.status, body: (await response.json()) as Shown };
}

describe('an authorizer', () => {
  test('is not asked without an identity: 401', async () => {
    expect(await withToken('/private')).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
    expect(observed.authorizations).toEqual([]);
  });

  test('is asked once for an identity, and its context reaches the function', async () => {
    for (const path of ['/private', '/private/7', '/private']) {
      const { status, body } = await withToken(path, 'Bearer right');
      expect([status, body.event.requestContext['authorizer']]).toEqual([
        200,
        { lambda: { user: 'ann', admin: true } },
      ]);
    }
    expect(observed.authorizations).toHaveLength(1);
    expect(observed.authorizations[0]).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: 'arn:aws:execute-api:us-east-1:123456789012:local/$default/GET/private',
      identitySource: ['Bearer right'],
      routeKey: 'GET /private',
    });
  });

  test('says no: 403, kept as well', async () => {
    for (let time = 0; time < 2; time++) {
      expect(await withToken('/private', 'Bearer wrong')).toMatchObject({
        status: 403,
        body: { message: 'Forbidden' },
      });
    }
    expect(observed.authorizations).toHaveLength(1);
  });

  test('that fails is 500, and asked again', async () => {
    for (let time = 0; time < 2; time++) {
      expect(await withToken('/private', 'Bearer broken')).toMatchObject({ status: 500 });
    }
    expect(observed.authorizations).toHaveLength(2);
  });
});
