import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inMemorySortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

const body = Buffer.from('an archive');
const archive = { sha256: createHash('sha256').update(body).digest('hex'), bytes: body.length };
const configuration = {
  ...{ type: 'task', commands: ['python train.py'] },
  ...{ files: ['.', '~/.netrc'], repos: ['.:/src'] },
};

async function stored() {
  const sortie = inMemorySortie();
  const { body: answer } = await sortie.request('POST', '/v1/code', archive);
  const { upload } = answer as { upload: { url: string; headers: Record<string, string> } };
  expect(sortie.code.upload(upload.url, upload.headers, body)).toBe(200);
  return sortie;
}

describe('the files of a run', () => {
  it('are stored once: who asks again is told that they are there', async () => {
    const sortie = await stored();
    expect(await sortie.request('POST', '/v1/code', archive)).toMatchObject({
      ...{ status: 200, body: { state: 'there' } },
    });
  });

  it('are named in the event, and handed to each submission with a link of its own', async () => {
    const sortie = await stored();
    const { status, body: run } = await sortie.request('POST', '/v1/runs', { configuration, code: archive });
    expect(status).toBe(201);
    const { id } = run as { id: Parameters<typeof sortie.run>[0] };
    const parts = [
      { folder: 'repo-0', path: '/src', if_exists: 'error' },
      { folder: 'work', path: '.', if_exists: 'merge' },
      { folder: 'home', path: '~', if_exists: 'merge' },
    ];
    expect((await sortie.run(id)).code).toEqual({ ...archive, parts });
    const bundleKey = () => sortie.bundles.keys().find((key) => key.startsWith('submissions/'));
    await sortie.until('a bundle is there', () => bundleKey() !== undefined);
    expect(sortie.bundles.fetch(`memory://${bundleKey()}`)?.code).toEqual({
      ...{ link: `memory://code/main/${archive.sha256}`, sha256: archive.sha256, parts },
    });
    await sortie.until('done', finished(sortie, id));
  });

  it('are a part of what an idempotency key stands for', async () => {
    const sortie = await stored();
    const send = (code: object | undefined) =>
      sortie.request('POST', '/v1/runs', { configuration, code }, { 'idempotency-key': 'k' });
    expect(await send(archive)).toMatchObject({ status: 201 });
    expect(await send(archive)).toMatchObject({ status: 200 });
    const another = { ...archive, sha256: archive.sha256.replace(/./g, 'a') };
    expect(await send(another)).toMatchObject({ status: 409 });
  });

  it.each([
    ['that were not sent', { configuration }, 'configuration.files'],
    ['that are not stored', { configuration, code: { ...archive, sha256: 'a'.repeat(64) } }, 'code-missing'],
    ['of another size', { configuration, code: { ...archive, bytes: 1 } }, 'code-missing'],
    ['of no hash', { configuration, code: { ...archive, sha256: 'A'.repeat(64) } }, 'invalid-body'],
    [
      'that nothing asks for',
      { configuration: { type: 'task', commands: ['true'] }, code: archive },
      'code-without-files',
    ],
  ])('%s are refused, and no run is there', async (_, request, told) => {
    const sortie = await stored();
    const answer = await sortie.request('POST', '/v1/runs', request);
    expect([400, 422]).toContain(answer.status);
    const { type, errors } = answer.body as { type: string; errors?: { path: string[] }[] };
    expect([type.split(/[/:#]/).at(-1), errors?.[0]?.path.join('.')]).toContain(told);
    expect(await sortie.get('/v1/runs?status=all')).toMatchObject({ runs: [] });
  });

  it.each([
    [{ sha256: 'x', bytes: 1 }],
    [{ ...archive, bytes: 0 }],
    [{ ...archive, bytes: 3 * 1024 ** 3 }],
    [{ sha256: `../${'a'.repeat(61)}`, bytes: 1 }],
  ])('cannot be stored as %j', async (asked) => {
    expect(await inMemorySortie().request('POST', '/v1/code', asked)).toMatchObject({ status: 400 });
  });

  it('are not needed for a plan', async () => {
    const answer = await inMemorySortie().request('POST', '/v1/plans', { configuration });
    expect(answer).toMatchObject({ status: 200 });
  });
});
