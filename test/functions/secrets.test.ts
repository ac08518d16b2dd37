import { describe, expect, it } from 'vitest';
import { runId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { NOTHING_SEALED } from '../../domain/run/secrets.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const HOUR = 60 * MINUTE;

const withSecret = (secret: string, fields: Record<string, unknown> = {}) => ({
  configuration: { type: 'task', commands: ['true'], env: { TOKEN: secret }, ...fields },
});

const submit = (sortie: Sortie, key: string, secret: string, user = 'alice') =>
  sortie.request('POST', '/v1/runs', withSecret(secret), { 'idempotency-key': key }, user);

const seals = async (sortie: Sortie) =>
  (await sortie.bundles.seals()).items.map(({ run, seal }) => ({ run, seal }));

/** The secret that the run's own seal has. */
async function secretOf(sortie: Sortie, id: unknown): Promise<unknown> {
  const { id: run, seal } = await sortie.run(runId(String(id)));
  const sealed = await sortie.bundles.unseal({ run, seal });
  return typeof sealed === 'string' ? sealed : sealed.env['TOKEN'];
}

describe('requests with one idempotency key', () => {
  it.each(Array.from({ length: 14 }, (_, seed) => seed + 1))(
    'that arrive together make one run, with the secrets of the request that made it (seed %d)',
    async (seed) => {
      const sortie = inMemorySortie({ seed });
      const secrets = ['one', 'two', 'three'];
      const answers = await Promise.all(secrets.map((secret) => submit(sortie, 'once', secret)));
      const made = answers.findIndex(({ status }) => status === 201);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
      expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
      expect(await secretOf(sortie, answers[made]?.body['id'])).toBe(secrets[made]);
      expect(await seals(sortie)).toHaveLength(1);
    },
  );

  it('of two users are two runs, and each keeps its own secret', async () => {
    const sortie = inMemorySortie();
    const [alice, bob] = [await submit(sortie, 'once', 'a'), await submit(sortie, 'once', 'b', 'bob')];
    expect([alice.status, bob.status]).toEqual([201, 201]);
    expect(await secretOf(sortie, alice.body['id'])).toBe('a');
    expect(await secretOf(sortie, bob.body['id'])).toBe('b');
  });

  it('for another configuration are refused, and the first run keeps its secret', async () => {
    const sortie = inMemorySortie();
    const first = await submit(sortie, 'once', 'mine');
    const other = withSecret('other', { commands: ['false'] });
    const second = await sortie.request('POST', '/v1/runs', other, { 'idempotency-key': 'once' });
    expect(second).toMatchObject({ status: 409, body: { run: first.body['name'] } });
    expect(await secretOf(sortie, first.body['id'])).toBe('mine');
    expect(await seals(sortie)).toHaveLength(1);
  });

  it('make runs whose ids are in the order of their submission', async () => {
    const sortie = inMemorySortie();
    const ids = [];
    for (const key of ['b', 'a', 'c']) ids.push((await submit(sortie, key, 's')).body['id']);
    expect(ids).toEqual([...ids].sort());
  });
});

describe('a run whose secrets are lost', () => {
  it('fails and says so, while the other runs of its fleet go on', async () => {
    const sortie = inMemorySortie();
    const [lost, sound] = [await sortie.submit({ env: { TOKEN: 's' } }), await sortie.submit()];
    const { id: run, seal } = await sortie.run(lost);
    await sortie.bundles.eraseSeal({ run, seal });
    await sortie.until('both ended', finished(sortie, lost, sound));
    expect((await sortie.run(sound)).phase).toMatchObject({ status: 'done' });
    expect(await sortie.run(lost)).toMatchObject({
      phase: { status: 'failed' },
      jobs: [{ reason: 'terminated_by_server', message: expect.stringContaining('submit the run again') }],
    });
    await expectSound(sortie);
  });

  it('waits while its bucket is out of reach, and holds up no other run', async () => {
    const sortie = inMemorySortie();
    const { unseal } = sortie.on.bundles;
    let outage: 'on' | 'over' = 'on';
    Object.assign(sortie.on.bundles, {
      unseal: async (...at: Parameters<typeof unseal>) => {
        if (outage === 'on') throw new Error('S3 is out of reach');
        return unseal(...at);
      },
    });
    const [sealed, open] = [await sortie.submit({ env: { TOKEN: 's' } }), await sortie.submit()];
    await sortie.until('the run without secrets is done', finished(sortie, open));
    expect((await sortie.run(sealed)).phase.kind).toBe('active');
    outage = 'over';
    await sortie.until('the other is done', finished(sortie, sealed));
    expect((await sortie.run(sealed)).phase).toMatchObject({ status: 'done' });
    await expectSound(sortie);
  });
});

describe('seals', () => {
  it('of an unfinished run stay for as long as it waits', async () => {
    const sortie = inMemorySortie({ instances: 1 });
    await sortie.apply({});
    await sortie.request('POST', '/v1/fleets/small/pause', {});
    const run = await sortie.submit({ env: { TOKEN: 's' }, fleets: ['small'] });
    await sortie.pass(3 * HOUR);
    expect(await secretOf(sortie, run)).toBe('s');
  });

  it('that no run names are erased within two hours, and those of a finished run at its end', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit({ env: { TOKEN: 's' } });
    const orphan = { run: runId(sortie.clock.ulid()), seal: sortie.clock.ulid() };
    await sortie.bundles.seal(orphan, NOTHING_SEALED);
    await sortie.until('done', finished(sortie, run));
    await sortie.drain();
    expect(await seals(sortie)).toEqual([orphan]);
    await sortie.pass(30 * MINUTE);
    expect(await seals(sortie)).toEqual([orphan]);
    await sortie.pass(2 * HOUR);
    expect(await seals(sortie)).toEqual([]);
  });
});
