import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Secrets } from '../../../domain/secrets/secrets.ts';

export interface SecretsUnderTest {
  readonly secrets: Secrets;
  stop(): Promise<void>;
}

const token = { project: 'main', name: 'HF_TOKEN' };

/** What every store of secrets does; `create` gives an empty one. */
export function secretsContract(create: () => Promise<SecretsUnderTest>): void {
  let given: SecretsUnderTest;
  beforeEach(async () => {
    given = await create();
  });
  afterEach(() => given.stop());

  const names = async (project: string, limit = 50) => {
    const page = await given.secrets.list(project, limit);
    if (page === 'bad-cursor') throw new Error('no cursor was given');
    return page.items.map(({ name }) => name).sort();
  };

  it('a value is read as it was set, and the last one set counts', async () => {
    const { secrets } = given;
    expect(await secrets.set(token, 'first')).toBe('created');
    const value = ' line\nline "quoted" grüße 🦦 ${{ env.A $& \n';
    expect(await secrets.set(token, value)).toBe('replaced');
    expect(await secrets.read('main', ['HF_TOKEN'])).toEqual(new Map([['HF_TOKEN', value]]));
  });

  it('a value may have 4,096 bytes', async () => {
    const value = 'x'.repeat(4_096);
    await given.secrets.set(token, value);
    expect((await given.secrets.read('main', ['HF_TOKEN'])).get('HF_TOKEN')).toBe(value);
  });

  it('a secret that is not there is missing, and left out of what is read', async () => {
    const { secrets } = given;
    await secrets.set(token, 'x');
    expect(await secrets.missing('main', ['OTHER', 'HF_TOKEN', 'OTHER'])).toEqual(['OTHER']);
    expect(await secrets.missing('main', ['HF_TOKEN'])).toEqual([]);
    expect(await secrets.missing('main', [])).toEqual([]);
    expect(await secrets.read('main', ['OTHER'])).toEqual(new Map());
  });

  it('more secrets than one call takes are read together, each named as often as it likes', async () => {
    const { secrets } = given;
    const all = Array.from({ length: 12 }, (_, n) => `S${n}`);
    for (const name of all) await secrets.set({ project: 'main', name }, `value of ${name}`);
    expect(await secrets.read('main', [...all, 'S3'])).toEqual(
      new Map(all.map((name) => [name, `value of ${name}`])),
    );
    expect(await secrets.missing('main', [...all, 'S12'])).toEqual(['S12']);
  });

  it('a removed secret is missing, and may be set again', async () => {
    const { secrets } = given;
    await secrets.set(token, 'x');
    expect(await secrets.remove(token)).toBe('removed');
    expect(await secrets.remove(token)).toBe('missing');
    expect(await secrets.missing('main', ['HF_TOKEN'])).toEqual(['HF_TOKEN']);
    expect(await secrets.set(token, 'y')).toBe('created');
  });

  it('projects do not see each other', async () => {
    const { secrets } = given;
    await secrets.set(token, 'mine');
    await secrets.set({ project: 'main2', name: 'HF_TOKEN' }, 'theirs');
    expect(await secrets.read('main2', ['HF_TOKEN'])).toEqual(new Map([['HF_TOKEN', 'theirs']]));
    expect(await secrets.remove({ project: 'other', name: 'HF_TOKEN' })).toBe('missing');
    expect(await names('main')).toEqual(['HF_TOKEN']);
    expect(await names('other')).toEqual([]);
  });

  it('the list has every name once, page by page', async () => {
    const { secrets } = given;
    const all = Array.from({ length: 23 }, (_, n) => `S${String(n).padStart(2, '0')}`);
    for (const name of all) await secrets.set({ project: 'main', name }, 'x');
    const listed: string[] = [];
    let next: string | undefined;
    do {
      const page = await secrets.list('main', 12, next);
      if (page === 'bad-cursor') throw new Error('its own cursor was refused');
      expect(page.items.length).toBeLessThanOrEqual(12);
      for (const { name, set_at } of page.items) {
        expect(set_at).toBeGreaterThan(0);
        listed.push(name);
      }
      next = page.next;
    } while (next !== undefined);
    expect(listed.sort()).toEqual(all);
  });
}
