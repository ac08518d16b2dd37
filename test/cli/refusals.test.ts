import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TOKEN } from './served.ts';
import { given } from './sortie.ts';

const { world, http, sortie, sortieWith } = given();

describe('who asks, and where', () => {
  test("the embedded Sortie's token and place are found in its data", async () => {
    const data = join(world.folder, 'elsewhere');
    mkdirSync(data);
    writeFileSync(join(data, 'token'), `${TOKEN}\n`);
    const endpoints = { api: world.url, dynamodb: 'http://127.0.0.1:1', table: 't' };
    writeFileSync(join(data, 'endpoints.json'), JSON.stringify(endpoints));
    const nothing = { SORTIE_URL: '', SORTIE_TOKEN: '' };
    expect((await sortieWith({ env: { ...nothing, SORTIE_DATA: data } }, 'ps')).code).toBe(0);
    expect((await sortieWith({ env: nothing }, 'ps', '--data', 'elsewhere')).code).toBe(0);
  });

  test('no token and a wrong one are told apart, and how to come by one', async () => {
    const none = await sortieWith({ env: { SORTIE_TOKEN: '', SORTIE_DATA: 'nowhere' } }, 'ps');
    expect(none.code).toBe(3);
    expect(none.stderr).toMatch(
      /^error: Sortie at \S+ wants a token, and there is none here\n {2}next: export SORTIE_TOKEN/,
    );
    const wrong = await sortie('ps', '--token', 'wrong');
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toMatch(
      /^error: Sortie at \S+ does not know this token\n {2}next: .*sortie token NAME/,
    );
  });

  test('where nobody answers says how to start it', async () => {
    await http().down();
    const { code, stderr } = await sortie('ps');
    expect(code).toBe(3);
    expect(stderr).toBe(
      `error: cannot reach Sortie at ${world.url}: connection refused\n  next: is Sortie running? start it with: npm start\n`,
    );
  });

  test('what is no URL is refused before anything is sent', async () => {
    const { code, stderr } = await sortie('ps', '--url', 'localhost:3000');
    expect(code).toBe(2);
    expect(stderr).toContain('error: "localhost:3000" is no URL');
  });
});

describe('what is not there', () => {
  test.each([['logs'], ['event'], ['stop', '-y']])('sortie %s of an unknown run', async (...command) => {
    const { code, stderr } = await sortie(...command, 'nobody');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: there is no run "nobody"; list them with: sortie ps -a\n',
    });
  });

  test.each(['../x', 'a/b?c', '%2e%2e', '🚀'])('a run called %s', async (name) => {
    expect(await sortie('event', name)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no run'),
    });
  });

  test.each([
    ['run', '', 'ps -a', 'why'],
    ['fleet', '..', 'fleet', 'fleet', 'show'],
    ['instance', '../x', 'instance -a', 'instance', 'hold'],
  ])('a %s whose name would be another route: "%s"', async (what, name, list, ...command) => {
    expect(await sortie(...command, name)).toMatchObject({
      code: 1,
      stderr: `error: there is no ${what} "${name}"; list them with: sortie ${list}\n`,
    });
  });

  test('a file', async () => {
    const { code, stderr } = await sortie('plan', '-f', 'nowhere.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('error: there is no file nowhere.yaml');
  });

  test('a command, an option, a run', async () => {
    expect(await sortie('aply')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean apply?'),
    });
    expect(await sortie('ps', '--al')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean --all?'),
    });
    expect(await sortie('logs')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("missing required argument 'run'"),
    });
    expect((await sortie('logs')).stderr).toContain('see: sortie logs --help');
  });
});

describe('help', () => {
  const commands = [
    'apply',
    'plan',
    'ps',
    'logs',
    'stop',
    'event',
    'offer',
    'instance',
    'fleet',
    'local',
    'demo',
    'verify',
    'token',
  ];

  test('lists every command and the exit codes', async () => {
    const { code, stdout } = await sortie('--help');
    expect(code).toBe(0);
    expect(commands.filter((name) => !new RegExp(`^ {2}${name} `, 'm').test(stdout))).toEqual([]);
    expect(stdout).toContain('Exit codes:');
  });

  test('of every command has an example', async () => {
    const without: string[] = [];
    for (const name of commands) {
      const { code, stdout } = await sortie(name, '--help');
      if (code !== 0 || !/\nExamples?:\n {2}\$ .+/.test(stdout)) without.push(name);
    }
    expect(without).toEqual([]);
  });
});

test('sortie token makes a token, and the hash that the authorizer knows it by', async () => {
  const { code, stdout } = await sortie('token', 'alice', '--json');
  const { token, entry } = JSON.parse(stdout) as { token: string; entry: string };
  expect(code).toBe(0);
  expect(entry).toBe(`alice:${createHash('sha256').update(token).digest('hex')}`);
  expect((await sortie('token', 'a b')).code).toBe(2);
});
