import { describe, expect, it } from 'vitest';
import type { RunId } from '../../domain/kernel/ids.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const set = (sortie: Sortie, name: string, value: unknown) =>
  sortie.request('POST', '/v1/secrets', { name, value });

const naming = { env: { TOKEN: 'Bearer ${{ secrets.HF_TOKEN }}' } };
const configuration = (fields: object) => ({
  configuration: { type: 'task', commands: ['true'], image: 'app', ...fields },
});

/** The environments that submissions of the run were given, in their order. */
function watchBundles(sortie: Sortie) {
  const given: { run: string; env: Readonly<Record<string, string>> }[] = [];
  const { put } = sortie.on.bundles;
  Object.assign(sortie.on.bundles, {
    put: (...[key, bundle]: Parameters<typeof put>) => {
      given.push({ run: bundle.submission, env: bundle.env });
      return put(key, bundle);
    },
  });
  return (run: RunId) => given.filter((one) => one.run.startsWith(run)).map(({ env }) => env['TOKEN']);
}

describe('secrets of a project', () => {
  it('are set, listed by their names and deleted; no answer has a value', async () => {
    const sortie = inMemorySortie();
    expect(await set(sortie, 'HF_TOKEN', 'hunter2')).toEqual({
      status: 201,
      body: { name: 'HF_TOKEN', outcome: 'created' },
    });
    expect((await set(sortie, 'HF_TOKEN', 'hunter3')).status).toBe(200);
    await set(sortie, 'A', 'x');
    const listed = await sortie.request('GET', '/v1/secrets?limit=1');
    expect(listed).toMatchObject({
      status: 200,
      body: { secrets: [{ name: 'A' }], next: expect.any(String) },
    });
    const rest = await sortie.request('GET', `/v1/secrets?cursor=${String(listed.body['next'])}`);
    expect(rest.body).toEqual({ secrets: [{ name: 'HF_TOKEN', set_at: expect.stringMatching(/^20.*Z$/) }] });
    const remove = () => sortie.request('DELETE', '/v1/secrets/HF_TOKEN');
    expect(await remove()).toEqual({ status: 200, body: { name: 'HF_TOKEN', outcome: 'deleted' } });
    expect(await remove()).toMatchObject({
      status: 404,
      body: { detail: 'there is no secret "HF_TOKEN"; list them with: sortie secret list' },
    });
    expect((await sortie.request('GET', '/v1/secrets?cursor=elsewhere')).status).toBe(400);
  });

  it.each([
    ['a name that a path could be made of', { name: '../other', value: 'hunter2' }],
    ['a name too long', { name: 'A'.repeat(201), value: 'hunter2' }],
    ['no name', { value: 'hunter2' }],
    ['an empty value', { name: 'A', value: '' }],
    ['a value larger than Parameter Store takes', { name: 'A', value: 'hunter2'.repeat(600) }],
    ['a value of 2 bytes a character that is too large', { name: 'A', value: 'ü'.repeat(2_049) }],
    ['a value that Parameter Store would take for a reference', { name: 'A', value: '{{hunter2}}' }],
    ['a value with a NUL', { name: 'A', value: 'hunter2\0' }],
    ['a value that is no text', { name: 'A', value: 7_717_171 }],
    ['a value in a list', { name: 'A', value: ['hunter2'] }],
    ['a field that is none', { name: 'A', value: 'x', also: 'hunter2' }],
  ])('%s is refused, and nothing of the value is answered', async (_, body) => {
    const sortie = inMemorySortie();
    const answer = await sortie.request('POST', '/v1/secrets', body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|7717171/);
    expect((await sortie.request('GET', '/v1/secrets')).body).toEqual({ secrets: [] });
  });

  it('are in a submission, and in no event, answer or seal', async () => {
    const sortie = inMemorySortie();
    const tokens = watchBundles(sortie);
    await set(sortie, 'HF_TOKEN', 'hunter2');
    const run = await sortie.submit(naming);
    const { id, seal } = await sortie.run(run);
    expect(JSON.stringify(await sortie.bundles.unseal({ run: id, seal }))).not.toContain('hunter2');
    await sortie.until('done', finished(sortie, run));
    expect(tokens(run)).toEqual(['Bearer hunter2']);
    expect(JSON.stringify(sortie.store.commits)).not.toContain('hunter2');
    for (const path of ['', '/events', '/why'])
      expect(JSON.stringify(await sortie.get(`/v1/runs/${run}${path}`))).not.toContain('hunter2');
    await expectSound(sortie);
  });

  it('that a run names are read for each submission: a retry gets the value of its time', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 1, status: 3 } });
    const tokens = watchBundles(sortie);
    await set(sortie, 'HF_TOKEN', 'first');
    const run = await sortie.submit({ ...naming, retry: { on_events: ['error'], duration: '10m' } });
    await sortie.until('it failed once', async () => (await sortie.job(run)).past.length > 0);
    await set(sortie, 'HF_TOKEN', 'second');
    sortie.behaviour.status = 0;
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.run(run)).phase).toMatchObject({ status: 'done' });
    expect(tokens(run)).toEqual(['Bearer first', 'Bearer second']);
  });

  it.each([
    ['env', { env: ['TOKEN=${{ secrets.GONE }}'] }, ['env', 'TOKEN']],
    [
      'registry_auth',
      { registry_auth: { username: 'me', password: '${{ secrets.GONE }}' } },
      ['registry_auth', 'password'],
    ],
    ['container.env', { container: { env: { KEY: 'a ${{secrets.GONE}}' } } }, ['container', 'env', 'KEY']],
  ])(
    'that are missing and named in %s are told at the plan and at the submission',
    async (_, fields, path) => {
      const sortie = inMemorySortie();
      for (const route of ['/v1/plans', '/v1/runs'])
        expect(await sortie.request('POST', route, configuration(fields))).toMatchObject({
          status: 422,
          body: {
            errors: [
              {
                path: ['configuration', ...path],
                message: 'there is no secret GONE in project main',
                hint: 'sortie secret set GONE',
              },
            ],
          },
        });
      expect(sortie.store.commits).toEqual([]);
      await set(sortie, 'GONE', 'x');
      expect((await sortie.request('POST', '/v1/plans', configuration(fields))).status).toBe(200);
    },
  );

  it('that are deleted after the submission fail the run, which says what to type, and no other', async () => {
    const sortie = inMemorySortie();
    await set(sortie, 'HF_TOKEN', 'hunter2');
    const [run, other] = [await sortie.submit(naming), await sortie.submit()];
    await sortie.request('DELETE', '/v1/secrets/HF_TOKEN');
    await sortie.until('both ended', finished(sortie, run, other));
    expect((await sortie.run(other)).phase).toMatchObject({ status: 'done' });
    const { name, phase, jobs } = await sortie.run(run);
    expect(phase).toMatchObject({ status: 'failed' });
    expect(jobs[0]?.message).toBe(
      `run ${name} names the secret HF_TOKEN, deleted since it was submitted; set it (sortie secret set HF_TOKEN) and submit the run again`,
    );
    await expectSound(sortie);
  });

  it('out of reach for a while hold up the runs that name them, and no others', async () => {
    const sortie = inMemorySortie();
    await set(sortie, 'HF_TOKEN', 'hunter2');
    const { read } = sortie.on.secrets;
    let outage: 'on' | 'over' = 'on';
    Object.assign(sortie.on.secrets, {
      read: async (...asked: Parameters<typeof read>) => {
        if (outage === 'on') throw new Error('SSM is out of reach');
        return read(...asked);
      },
    });
    const [run, other] = [await sortie.submit(naming), await sortie.submit({ env: { PLAIN: 'x' } })];
    await sortie.until('the run without secrets is done', finished(sortie, other));
    expect((await sortie.run(run)).phase.kind).toBe('active');
    outage = 'over';
    await sortie.until('the other is done', finished(sortie, run));
    await expectSound(sortie);
  });
});
