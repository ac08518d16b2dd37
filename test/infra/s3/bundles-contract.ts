import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bundle, Bundles } from '../../../domain/job/bundles.ts';
import { runId, SubmissionId } from '../../../domain/kernel/ids.ts';
import { NOTHING_SEALED } from '../../../domain/run/secrets.ts';
import { ulid } from '../dynamodb/given-streams.ts';

export interface BundlesUnderTest {
  readonly bundles: Bundles;
  /** What a runner gets by a link; undefined: nothing is there. */
  fetch(link: string): Promise<unknown>;
  stop(): Promise<void>;
}

export const run = runId(ulid(1));
export const at = { run, seal: ulid(2) };
const submission = SubmissionId.parse(`${run}-0-0`);
const key = `submissions/${submission}/bundle.json`;
const bundle: Bundle = {
  version: 1,
  submission,
  report_url: 'http://127.0.0.1:3000/v1/submissions/x/report',
  token: 'a-token',
  own_commands: 0,
  commands: ['echo "grüße 🦦"'],
  env: { KEY: 'a\nsecret' },
  shell: 'sh',
  working_dir: null,
  user: null,
  max_duration: null,
  stop_duration: 300,
  heartbeat_seconds: 30,
  log_limit: 1024 ** 3,
  container: null,
  gang: null,
  ssh: null,
  health: null,
  code: null,
};

/** What every keeper of secrets does; `create` gives an empty one. */
export function bundlesContract(create: () => Promise<BundlesUnderTest>): void {
  let given: BundlesUnderTest;
  beforeEach(async () => {
    given = await create();
  });
  afterEach(() => given.stop());

  it('what is sealed is unsealed as it was; the last one sealed counts', async () => {
    const { bundles } = given;
    await bundles.seal(at, { ...NOTHING_SEALED, env: { KEY: 'first' } });
    const sealed = {
      env: {
        NAMED: ['a ', { secret: 'TOKEN' }],
        KEY: 'line\nline',
        EMPTY: '',
        'ODD-näme': '🦦',
        __proto_: 'x',
        env: 'y',
      },
      container_env: { KEY: 'another' },
      registry_auth: { username: 'me', password: 'hunter2' },
      ssh: { user: { private_key: 'a\nb\n', public_key: 'a' }, host: { private_key: 'c', public_key: 'd' } },
    };
    await bundles.seal(at, sealed);
    expect(await bundles.unseal(at)).toEqual(sealed);
  });

  it('a seal that was never made, or is erased, is missing', async () => {
    const { bundles } = given;
    expect(await bundles.unseal(at)).toBe('missing');
    await bundles.seal(at, NOTHING_SEALED);
    await bundles.eraseSeal(at);
    expect(await bundles.unseal(at)).toBe('missing');
  });

  it('two seals of one run neither mix nor erase each other', async () => {
    const { bundles } = given;
    const other = { run, seal: ulid(3) };
    await bundles.seal(at, { ...NOTHING_SEALED, env: { KEY: 'first' } });
    await bundles.seal(other, { ...NOTHING_SEALED, env: { KEY: 'second' } });
    await bundles.eraseSeal(other);
    expect(await bundles.unseal(at)).toMatchObject({ env: { KEY: 'first' } });
  });

  it('lists every seal with its time, page by page, and nothing else', async () => {
    const { bundles } = given;
    const made = [1, 2, 3, 4, 5].map((n) => ({ run: runId(ulid(n)), seal: ulid(10 + n) }));
    for (const one of made) await bundles.seal(one, NOTHING_SEALED);
    await bundles.put(key, bundle);
    const listed = [];
    let page = await bundles.seals();
    for (; page.next !== undefined; page = await bundles.seals(page.next)) listed.push(...page.items);
    listed.push(...page.items);
    expect(listed).toEqual(made.map((one) => ({ ...one, at: expect.any(Number) })));
  });

  it('whoever holds a link reads the bundle, until it is erased', async () => {
    const { bundles } = given;
    await bundles.put(key, bundle);
    const link = await bundles.link(key);
    expect(await given.fetch(link)).toEqual(bundle);
    await bundles.eraseBundle(key);
    expect(await given.fetch(link)).toBeUndefined();
  });

  it('erasing what is not there is no error', async () => {
    await expect(given.bundles.eraseBundle(key)).resolves.toBeUndefined();
    await expect(given.bundles.eraseSeal(at)).resolves.toBeUndefined();
  });
}
