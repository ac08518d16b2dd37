import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle, BundledCode } from '../../../infra/runner/contract.ts';
import { needing } from '../../needs.ts';
import { containerOf, containersOf, removeContainersOf, testImage } from './container/engine.ts';
import { world } from './world.ts';

/** An archive, and who serves it. */
let archive: Buffer;
let answers: (number | Buffer)[] = [];
let asked = 0;
const server = createServer((_, response) => {
  asked++;
  const answer = answers.shift() ?? archive;
  if (typeof answer === 'number') response.writeHead(answer).end();
  else response.writeHead(200).end(answer);
});
beforeAll(async () => {
  archive = packed({
    'work/train.py': 'print("hi")\n',
    'work/src/a file\nof two lines': 'a\n',
    'work/.hidden': 'h\n',
    'home/.tool/settings': 's\n',
    'repo-0/README': 'r\n',
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  answers = [];
  asked = 0;
});
afterAll(() => server.close());

function packed(files: Record<string, string>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sortie-code-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true, mode: 0o755 });
    writeFileSync(join(folder, name), content);
  }
  writeFileSync(join(folder, 'work/run.sh'), '#!/bin/sh\necho ran\n');
  chmodSync(join(folder, 'work/run.sh'), 0o755);
  writeFileSync(join(folder, 'work/private'), 'p\n', { mode: 0o600 });
  symlinkSync('train.py', join(folder, 'work/link'));
  const { stdout } = spawnSync('tar', ['-C', folder, '-cz', '.'], { maxBuffer: 1024 ** 2 });
  rmSync(folder, { recursive: true });
  return stdout;
}

const part = (folder: string, path: string, if_exists: 'merge' | 'error' | 'skip' = 'merge') => ({
  ...{ folder, path, if_exists },
});
const code = (parts: BundledCode['parts'], of = archive): Bundle['code'] => ({
  link: `http://127.0.0.1:${(server.address() as AddressInfo).port}/code`,
  sha256: createHash('sha256').update(of).digest('hex'),
  parts,
});
const LIST = 'find . | sort; cat link; ./run.sh; stat -c "%a %n" run.sh private train.py';
const LISTED = './.hidden\n./link\n./private\n./run.sh\n./src\n./src/a file\nof two lines\n./train.py\n'
  .split('\n')
  .sort()
  .join('\n');

const at = world();

describe('the files of a run on an instance', () => {
  test('lie in the working directory, with their modes and links, and belong to the job', async () => {
    const { log, exit, submission } = await at.run({
      commands: [LIST, 'touch train.py && ls ..'],
      code: code([part('work', '.')]),
    });
    expect(exit).toMatchObject({ cause: 'commands', status: 0 });
    for (const name of LISTED.split('\n')) expect(log).toContain(name);
    expect(log).toContain('print("hi")\nran\n755 run.sh\n600 private\n644 train.py\n');
    // Neither the archive nor what was unpacked of it stays beside.
    expect(log.split('train.py\n').at(-1)).not.toMatch(/code\.tgz/);
    expect(at.server.reports(submission)[0]?.stage).toMatchObject({ name: 'loading' });
  });

  test('go to the home, to an absolute path, and below the working directory', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sortie-home-'));
    const { exit, log } = await at.run({
      commands: [`cat sub/README ${home}/deep/README`],
      code: code([part('repo-0', 'sub', 'error'), part('repo-0', `${home}/deep`, 'error')]),
    });
    expect([exit.status, log]).toEqual([0, 'r\nr\n']);
    rmSync(home, { recursive: true });
  });

  test.each([
    ['error', 1],
    ['skip', 0],
  ] as const)('find what is there already: if_exists: %s', async (if_exists, failures) => {
    const there = mkdtempSync(join(tmpdir(), 'sortie-there-'));
    writeFileSync(join(there, 'mine'), 'mine\n');
    const { exit, log } = await at.run({
      commands: [`ls ${there}`],
      code: code([part('repo-0', there, if_exists)]),
    });
    if (failures === 0) expect([exit.status, log]).toEqual([0, 'mine\n']);
    else
      expect(exit).toMatchObject({
        cause: 'setup',
        message: expect.stringContaining(
          `${there} is there, and is not empty; to keep it as it is: if_exists: skip`,
        ),
      });
    expect(readFileSync(join(there, 'mine'), 'utf8')).toBe('mine\n');
    rmSync(there, { recursive: true });
  });

  test('are asked for again where the store does not answer at once, or not whole', async () => {
    answers = [503, archive.subarray(0, 100), 500];
    const { exit } = await at.run({ commands: ['cat train.py'], code: code([part('work', '.')]) });
    expect([exit.status, asked]).toEqual([0, 4]);
  });

  test.each([
    ['that are gone', 404, 'HTTP 404'],
    ['that may not be read any more', 403, 'HTTP 403'],
  ])('%s are no fault of the job: nothing of it runs', async (_, status, told) => {
    answers = [status];
    const { exit, log } = await at.run({ commands: ['echo ran'], code: code([part('work', '.')]) });
    expect(exit).toMatchObject({
      cause: 'fetch',
      status: null,
      message: `cannot fetch the files of the run: ${told}`,
    });
    expect(log).toBe('');
  });

  test('that are no archive end the job before its commands', async () => {
    const other = Buffer.from('no tar');
    answers = [other];
    const { exit } = await at.run({ commands: ['echo ran'], code: code([part('work', '.')], other) });
    expect(exit).toMatchObject({
      ...{ cause: 'setup', message: expect.stringContaining('cannot unpack the files of the run') },
    });
  });
});

describe('the files of a run in a container', needing('engine', 'busybox'), () => {
  const image = testImage();
  afterEach(() => removeContainersOf(at.instance.home));
  const inContainer = (commands: string[], bundle: Partial<Bundle>) =>
    at.run({ commands, container: containerOf(image.name), ...bundle });

  test.each([null, 'worker', '1234:1234'])('belong to user %s, in /workflow', async (user) => {
    const { log, exit } = await inContainer(
      [LIST, 'pwd', 'touch train.py new', 'ls -ln train.py | cut -d " " -f 5'],
      {
        ...{ user, code: code([part('work', '.'), part('home', '~')]) },
      },
    );
    expect(exit).toMatchObject({ cause: 'commands', status: 0 });
    expect(log).toContain('print("hi")\nran\n755 run.sh\n600 private\n644 train.py\n/workflow\n');
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('lie below the directory that the run says', async () => {
    const { log } = await inContainer(['pwd; ls sub'], {
      ...{ working_dir: '/data/of/mine', code: code([part('repo-0', 'sub', 'error')]) },
    });
    expect(log).toBe('/data/of/mine\nREADME\n');
  });
});
