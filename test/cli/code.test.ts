import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entriesOf } from '../../cli/code/entries.ts';
import { packInto } from '../../cli/code/pack.ts';
import { Failure } from '../../cli/exit.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';

let folder: string;
let packed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sortie-project-'));
  packed = `${folder}.tgz`;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  rmSync(packed, { force: true });
});

function write(files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}
const git = (...args: string[]) =>
  execFileSync(
    'git',
    ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always', ...args],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  ).toString();

/** What a configuration beside these files brings along. */
async function entries(named: object, beside = folder) {
  const task = parseConfiguration({ type: 'task', commands: ['true'], ...named });
  if (!task.ok) throw new Error(JSON.stringify(task.error));
  return entriesOf(task.value, beside, (problems) => new Failure(JSON.stringify(problems)));
}
const names = async (named: object, beside?: string) =>
  (await entries(named, beside)).map(({ name }) => name);
const refused = (named: object) =>
  entries(named).then(
    () => 'accepted',
    (error: Failure) => `${error.message}\n${error.next ?? ''}`,
  );

describe('a folder goes', () => {
  const project = {
    'train.py': 'a',
    'src/model.py': 'b',
    'data/big.bin': 'c',
    'src/.gitignore': '*.log',
    'src/x.log': 'd',
    '.gitignore': 'data/\n!important',
    '.sortie/token': 'secret',
  };
  const sent = ['.gitignore', 'src/.gitignore', 'src/model.py', 'train.py'].map((name) => `work/${name}`);

  it('without what its .gitignore leaves out, in a repository', async () => {
    write(project);
    git('init', '-q');
    expect(await names({ files: ['.'] })).toEqual(sent);
  });

  it('the same without git', async () => {
    write(project);
    expect(await names({ files: ['.'] })).toEqual(sent);
  });

  it.each(['with git', 'without'])(
    'without what its .sortieignore leaves out, tracked or not, %s',
    async (how) => {
      write({
        ...project,
        '.sortieignore': 'docs/\n*.md',
        'docs/a.txt': 'x',
        'README.md': 'x',
        'sub/.sortieignore': '/only',
        'sub/only': 'x',
        'sub/deep/only': 'x',
      });
      if (how === 'with git') {
        git('init', '-q');
        git('add', '-A');
      }
      expect(await names({ files: ['.'] })).toEqual(
        [...sent, 'work/.sortieignore', 'work/sub/.sortieignore', 'work/sub/deep/only'].sort(),
      );
    },
  );

  it('to the place that is written, and a file under the name that is', async () => {
    write({ 'src/a.py': 'a', 'b.py': 'b' });
    const files = [
      'src',
      'src:lib',
      'src:/opt/lib',
      'src:~/lib',
      'b.py:bin/c.py',
      { local_path: 'b.py', path: './d.py' },
    ];
    expect(await names({ files })).toEqual([
      'home/lib/a.py',
      'root/opt/lib/a.py',
      'work/bin/c.py',
      'work/d.py',
      'work/lib/a.py',
      'work/src/a.py',
    ]);
    expect(await names({ files: ['../b.py', '..:up'] }, join(folder, 'src'))).toEqual([
      'work/b.py',
      'work/up/b.py',
      'work/up/src/a.py',
    ]);
  });

  it('though its repository ignores it, where it is named itself', async () => {
    write({ '.gitignore': 'build', 'build/out.bin': 'x' });
    git('init', '-q');
    expect(await names({ files: ['build'] })).toEqual(['work/build/out.bin']);
    expect(await names({ files: ['build/out.bin'] })).toEqual(['work/build/out.bin']);
  });

  it('without files that git tracks and that are gone', async () => {
    write({ a: 'a', b: 'b' });
    git('init', '-q');
    git('add', '-A');
    rmSync(join(folder, 'a'));
    expect(await names({ files: ['.'] })).toEqual(['work/b']);
  });

  it('with its submodules and the repositories in it', async () => {
    const other = mkdtempSync(join(tmpdir(), 'sortie-module-'));
    const inOther = (...args: string[]) =>
      execFileSync('git', ['-C', other, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
    writeFileSync(join(other, 'module.py'), 'm');
    inOther('init', '-q');
    inOther('add', '-A');
    inOther('commit', '-qm', 'x');
    write({ 'nested/x.py': 'x' });
    git('init', '-q');
    execFileSync('git', ['-C', join(folder, 'nested'), 'init', '-q']);
    git('submodule', '--quiet', 'add', other, 'libs/module');
    expect(await names({ repos: ['.'] })).toEqual([
      'repo-0/.gitmodules',
      'repo-0/libs/module/module.py',
      'repo-0/nested/x.py',
    ]);
    git('submodule', '--quiet', 'deinit', '-f', 'libs/module');
    expect(await refused({ repos: ['.'] })).toContain(
      `libs/module is a submodule that is not there\ngit -C ${folder} submodule update --init libs/module`,
    );
    rmSync(other, { recursive: true });
  });
});

describe('what cannot be sent is refused before anything is', () => {
  it.each([
    [{ files: ['gone.py'] }, 'there is no file gone.py'],
    [{ files: ['a.py:~'] }, 'a.py is a file, and ~ a folder'],
    [{ repos: ['gone'] }, 'there is no folder gone'],
    [{ repos: ['a.py'] }, 'a.py is no folder'],
    [{ repos: ['.'] }, '. is no git repository, or git is not installed'],
  ])('%j', async (named, told) => {
    write({ 'a.py': 'a' });
    expect(await refused(named)).toContain(told);
  });

  it('a folder in a repository as a repository', async () => {
    write({ 'deep/sub/a.py': 'a' });
    git('init', '-q');
    expect(await refused({ repos: ['deep/sub'] })).toContain('write repos: [.], or files: [deep/sub]');
  });

  it('a repository without commits, or on no branch, goes as it is', async () => {
    write({ 'a.py': 'a' });
    git('init', '-q');
    expect(await names({ repos: ['.'] })).toEqual(['repo-0/a.py']);
    git('add', '-A');
    git('commit', '-qm', 'x');
    git('checkout', '-q', '--detach');
    expect(await names({ repos: ['.'] })).toEqual(['repo-0/a.py']);
  });

  it('a socket', async () => {
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(folder, 'a.sock'), resolve));
    expect(await refused({ files: ['.'] })).toContain('a.sock is neither a file nor a link');
    socket.close();
  });

  it('more than 2 GB, with the ten largest files', async () => {
    write(Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`f${n}`, ''])));
    for (let n = 0; n < 12; n++) truncateSync(join(folder, `f${n}`), (200 + n) * 1024 ** 2);
    const told = await refused({ files: ['.'] });
    expect(told).toContain(
      'the files of the run are 2.41GB; at most 2GB are sent. The largest:\n     211MB  ',
    );
    expect(told.match(/MB {2}/g)).toHaveLength(10);
  });

  it.each([
    ['files', '../../etc:../x'],
    ['files', 'a:b:c'],
    ['files', ':x'],
    ['files', 'a:~bob/x'],
    ['files', { local_path: 'a' }],
    ['repos', { local_path: '.', url: 'https://example.com/x' }],
    ['repos', { path: 'x' }],
    ['repos', 'https://example.com/x'],
    ['repos', { local_path: '.', branch: 'main' }],
  ])('%s: %j', (field, written) => {
    expect(parseConfiguration({ type: 'task', commands: ['true'], [field]: [written] }).ok).toBe(false);
  });
});

describe('an archive', () => {
  const unpacked = () => {
    const into = join(folder, 'unpacked');
    mkdirSync(into);
    expect(spawnSync('tar', ['-xzpf', packed, '-C', into]).stderr.toString()).toBe('');
    return into;
  };

  it('has every file as it is: names, bytes, modes and links', async () => {
    const long = `${'directory-of-a-long-name/'.repeat(9)}${'f'.repeat(120)}`;
    const large = Buffer.alloc(3 * 1024 ** 2 + 7, 'sortie');
    write({ 'p/a\nb': '1', 'p/grüße 🦦': '2', [`p/${long}`]: '3', 'p/empty': '', 'p/run.sh': 'x' });
    writeFileSync(join(folder, 'p/large'), large);
    chmodSync(join(folder, 'p/run.sh'), 0o750);
    symlinkSync('../elsewhere', join(folder, 'p/link'));
    await packInto(packed, await entries({ files: ['p:.'] }));
    const into = unpacked();
    const read = (name: string) => readFileSync(join(into, 'work', name));
    expect(['a\nb', 'grüße 🦦', long, 'empty'].map((name) => read(name).toString())).toEqual([
      '1',
      '2',
      '3',
      '',
    ]);
    expect(read('large').equals(large)).toBe(true);
    const stat = spawnSync('stat', ['-c', '%a %N', 'run.sh', 'link'], {
      cwd: join(into, 'work'),
      env: { LC_ALL: 'C', PATH: process.env['PATH'] },
    });
    expect(stat.stdout.toString()).toMatch(/^750 .*\n777 .*link.* -> .*\.\.\/elsewhere/);
  });

  it('is the same for the same files, whenever and wherever they were written', async () => {
    write({ 'p/a.py': 'a', 'p/b/c.py': 'c', 'q/a.py': 'a', 'q/b/c.py': 'c' });
    utimesSync(join(folder, 'q/a.py'), 1, 1);
    const [one, other] = [
      await packInto(packed, await entries({ files: ['p:.'] })),
      await packInto(packed, await entries({ files: ['q:.'] })),
    ];
    expect(one).toEqual(other);
    writeFileSync(join(folder, 'q/a.py'), 'A');
    expect((await packInto(packed, await entries({ files: ['q:.'] }))).sha256).not.toBe(one.sha256);
  });

  it('names the files that are Git LFS pointers', async () => {
    write({
      'p/model.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
      'p/a': 'x',
    });
    const { pointers } = await packInto(packed, await entries({ files: ['p'] }));
    expect(pointers).toEqual([join(folder, 'p/model.bin')]);
  });

  it('of a file that is gone by then is an error that names it', async () => {
    write({ 'p/a': 'a', 'p/b': 'b' });
    const all = await entries({ files: ['p'] });
    rmSync(join(folder, 'p/b'));
    await expect(packInto(packed, all)).rejects.toThrow(`cannot send ${join(folder, 'p/b')}: ENOENT`);
  });
});

describe('the data folder of an embedded Sortie', () => {
  it.each(['in a repository', 'in a plain folder'])(
    'is never packed, whatever its name (%s)',
    async (place) => {
      write({ 'train.py': '', 'state/token': 'secret', 'state/aws.db': '', 'state/parameters/a': 'secret' });
      if (place === 'in a repository') git('init', '-q');
      expect(await names({ files: ['.'] })).toEqual(['work/train.py']);
      expect(await names({ files: ['state'] })).toEqual([]);
    },
  );
});
