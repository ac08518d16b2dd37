import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../patience.ts';
import { final, running, textOf } from './fixtures/client.ts';
import { filesWith } from './fixtures/data-folder.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

const on = embeddedForFile();
const small = { cpu: 2, memory: '1GB..' };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const api = (method: string, path: string, body?: object) =>
  fetch(on.sortie.url + path, {
    method,
    headers: { authorization: `Bearer ${on.sortie.token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
const set = (name: string, value: string) => api('POST', '/v1/secrets', { name, value });

test('a job gets a secret of its project, and its parameter is the only file that keeps it', async () => {
  const secret = 'c4Xv-a-secret-of-the-project-Jh77';
  expect((await set('TOKEN', secret)).status).toBe(201);
  const [parameter = '', ...others] = filesWith(on.dataDir, secret);
  expect(others).toEqual([]);
  expect(statSync(parameter).mode & 0o777).toBe(0o600);

  const { id } = await on.client.submit({
    env: { TOKEN: '${{ secrets.TOKEN }}', HEADER: 'Bearer ${{ secrets.TOKEN }}' },
    commands: [
      'printf %s "$TOKEN" | sha256sum',
      'printf %s "$HEADER" | sha256sum',
      'until test -e go; do sleep 0.05; done',
    ],
    resources: small,
    working_dir: '/tmp',
  });
  await on.client.until(id, 'running', running);
  // Besides it, the bundle alone; what the run sealed has its name.
  const bundles = filesWith(on.dataDir, secret).filter((file) => file !== parameter);
  expect(bundles.filter((file) => !file.startsWith(`${on.dataDir}/s3/`))).toEqual([]);
  expect(bundles.length).toBeLessThanOrEqual(1);
  await on.client.stop(id, 'graceful');
  await on.client.until(id, 'over', final);
  const output = textOf(await on.client.logs(id));
  expect(output).toContain(sha256(secret));
  expect(output).toContain(sha256(`Bearer ${secret}`));
  await vi.waitFor(() => expect(filesWith(on.dataDir, secret)).toEqual([parameter]), PATIENCE_MS);
  for (const path of [`/v1/runs/${id}`, `/v1/runs/${id}/events`, `/v1/runs/${id}/why`, '/v1/secrets'])
    expect(await (await api('GET', path)).text()).not.toContain(secret);
});

test('a retry gets the value as it is then', async () => {
  await set('TOKEN', 'first');
  const { id } = await on.client.submit({
    env: { TOKEN: '${{ secrets.TOKEN }}' },
    commands: ['echo "got $TOKEN"', 'test "$TOKEN" = second'],
    resources: small,
    retry: { on_events: ['error'], duration: '1h' },
  });
  await on.client.until(id, 'failed once', ({ jobs }) =>
    jobs.some(({ submissions }) => submissions.some(({ status }) => status === 'failed')),
  );
  await set('TOKEN', 'second');
  const run = await on.client.until(id, 'over', final);
  expect(run.status).toBe('done');
  const output = textOf(await on.client.logs(id));
  expect(output).toContain('got second');
});

test('a run that names a secret which is not there is refused, with the command that sets it', async () => {
  const answer = await api('POST', '/v1/runs', {
    configuration: { type: 'task', commands: ['true'], env: { KEY: '${{ secrets.NOT_THERE }}' } },
  });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({
    errors: [{ path: ['configuration', 'env', 'KEY'], hint: 'sortie secret set NOT_THERE' }],
  });
});

test('a deleted secret is in no file and no list', async () => {
  const secret = 'm2Ty-a-secret-to-be-deleted-Kp51';
  await set('DELETED', secret);
  expect((await api('DELETE', '/v1/secrets/DELETED')).status).toBe(200);
  expect(filesWith(on.dataDir, secret)).toEqual([]);
  expect(await (await api('GET', '/v1/secrets')).text()).not.toContain('DELETED');
  expect((await api('DELETE', '/v1/secrets/DELETED')).status).toBe(404);
});
