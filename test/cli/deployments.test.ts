import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keep } from '../../cli/deployments.ts';
import { TOKEN } from './served.ts';
import { given } from './sortie.ts';

const { world, sortieWith, http } = given();

const asks = { SORTIE_URL: '', SORTIE_TOKEN: '' };
const kept = () => join(world.folder, 'settings/sortie/deployments.json');

function deployed(url: string | null, token = TOKEN): void {
  const deployment = { stage: 'prod', region: 'us-east-1', account: '123456789012', url, token };
  mkdirSync(join(world.folder, 'settings/sortie'), { recursive: true });
  const key = '123456789012/us-east-1/prod';
  writeFileSync(kept(), JSON.stringify({ current: url && key, deployments: { [key]: deployment } }));
}

test('commands go to the deployment that was made last, with its token', async () => {
  deployed(world.url);
  expect(await sortieWith({ env: asks }, 'ps')).toMatchObject({ code: 0 });
  expect(http().requests.length).toBeGreaterThan(0);
});

test('the token of a deployment goes with its address, and with no other', async () => {
  deployed(world.url);
  expect(await sortieWith({ env: { ...asks, SORTIE_URL: world.url } }, 'ps')).toMatchObject({ code: 0 });
  deployed('https://sortie.example');
  const other = await sortieWith({ env: { ...asks, SORTIE_URL: world.url } }, 'ps');
  expect(other.stderr).toContain('wants a token, and there is none here');
});

test('a deployment that was not made to its end is not asked', async () => {
  deployed(null);
  const { stderr } = await sortieWith({ env: { ...asks, SORTIE_URL: 'http://127.0.0.1:1' } }, 'ps');
  expect(stderr).toContain('cannot reach Sortie at http://127.0.0.1:1');
});

test('an address that a folder names gets no token, unless it is this machine', async () => {
  mkdirSync(join(world.folder, '.sortie'));
  const endpoints = { api: 'https://elsewhere.example', dynamodb: 'http://127.0.0.1:1', table: 'sortie' };
  writeFileSync(join(world.folder, '.sortie/endpoints.json'), JSON.stringify(endpoints));
  const { code, stderr } = await sortieWith({ env: { ...asks, SORTIE_TOKEN: 'mine' } }, 'ps');
  expect(code).toBe(2);
  expect(stderr).toContain('names https://elsewhere.example, and an embedded Sortie is on this machine');
});

test('a damaged file says which it is, and what to do', async () => {
  deployed(world.url);
  writeFileSync(kept(), '{');
  const { code, stderr } = await sortieWith({ env: asks }, 'ps');
  expect(code).toBe(1);
  expect(stderr).toContain(`${kept()} is damaged`);
});

test('what is kept is for its owner alone, also where the file was open to others', () => {
  const folder = join(world.folder, 'own');
  keep({ stage: 'a', region: 'r', account: '1', url: null, token: 'secret' }, folder);
  const file = join(folder, 'deployments.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ current: null });
});

test.each([
  [['deploy', '--stage', 'Prod'], 2, 'cannot be a stage'],
  [['deploy', '--param', 'vpc=vpc-1'], 2, 'Use --vpc'],
  [['deploy', '--allow', 'bob'], 2, 'name:sha256'],
  [['deploy', '--dry-run', '--region', 'us-east-1'], 1, 'there are no AWS credentials here'],
  [['remove', '--region', 'us-east-1'], 1, 'there are no AWS credentials here'],
])('sortie %j says what is missing', async (args, code, text) => {
  const nothing = {
    ...{ AWS_EC2_METADATA_DISABLED: 'true', HOME: world.folder },
    ...{ AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' },
  };
  const ended = await sortieWith({ env: nothing }, ...args);
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(text)]);
});
