import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runsTypeScript } from '../../cli/node24.mjs';

const project = fileURLToPath(new URL('../../', import.meta.url));
/** The system's `node`, of whatever age, as a user's shell finds it: npm puts the project's own before it. */
const shell = {
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
};

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sortie-clone-'));
  cpSync(join(project, 'cli'), join(root, 'cli'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), lock('1.0.0'));
});
afterEach(() => rmSync(root, { recursive: true }));

type Outcome = { code: number | null; stdout: string; stderr: string };

function run(
  script: string,
  args: string[] = [],
  environment: Record<string, string> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      'node',
      [script, ...args],
      { cwd: root, env: { ...shell, ...environment } },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

describe('`sortie`, on whatever Node the system has', () => {
  const main = (code: string) => writeFileSync(join(root, 'cli/main.ts'), code);

  test('without its packages it says what to type', async () => {
    const { code, stderr } = await run('cli/sortie.mjs');
    expect(code).toBe(1);
    expect(stderr).toContain(`Type \`npm ci --prefix ${root}/\``);
  });

  describe('installed', () => {
    beforeEach(() => {
      mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
      writeFileSync(join(root, 'node_modules/.package-lock.json'), lock('1.0.0'));
      symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
    });

    test('it runs TypeScript with the arguments, and exits as that does', async () => {
      main(
        'const args: string[] = process.argv.slice(2); console.log(args.join("|")); process.exitCode = 7;',
      );
      const outcome = await run('cli/sortie.mjs', ['apply', '-f', 'a b.yaml']);
      expect(outcome).toEqual({ code: 7, stdout: 'apply|-f|a b.yaml\n', stderr: '' });
    });

    test.each(['SIGTERM', 'SIGINT'] as const)('it passes %s on and waits for the end', async (signal) => {
      main(`process.on('${signal}', () => { console.log('cleaned up'); process.exit(9); });
        setInterval(() => {}, 1000); console.log('ready');`);
      const child = spawn('node', ['cli/sortie.mjs'], {
        cwd: root,
        env: shell,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        if (output === 'ready\n') child.kill(signal);
      });
      const [code] = await once(child, 'close');
      expect([code, output]).toEqual([9, 'ready\ncleaned up\n']);
    });
  });

  test('TypeScript needs Node 22.18', () => {
    expect(['20.19.5', '22.17.1', '22.18.0', '23.0.0', '24.21.0'].map(runsTypeScript)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });
});

describe('`install.mjs`', () => {
  /** Stands in npm's place: writes down how it was called, and installs what npm would. */
  const npm = () => {
    const file = join(root, 'npm.cjs');
    writeFileSync(
      file,
      `const fs = require('node:fs');
       fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
       if (fs.existsSync('no-network')) process.exit(1);
       fs.rmSync('node_modules', { recursive: true, force: true });
       fs.mkdirSync('node_modules/.bin', { recursive: true });
       fs.symlinkSync(${JSON.stringify(process.execPath)}, 'node_modules/.bin/node');
       fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');`,
    );
    return { npm_execpath: file };
  };
  const calls = () => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n');

  test('installs into a fresh clone, and says so', async () => {
    const { code, stderr } = await run('cli/install.mjs', [], npm());
    expect([code, calls()]).toEqual([0, ['ci --loglevel=error']]);
    expect(stderr).toMatch(/^Installing Sortie's packages .*\nInstalled in \d+ s\.\n$/);
  });

  test('does nothing and says nothing the second time', async () => {
    await run('cli/install.mjs', [], npm());
    const second = await run('cli/install.mjs', [], npm());
    expect(second).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(calls()).toHaveLength(1);
  });

  test('believes an installation that somebody made by hand', async () => {
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
    symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
    writeFileSync(join(root, 'node_modules/.package-lock.json'), lock('1.0.0'));
    writeFileSync(join(root, 'calls'), '');
    expect(await run('cli/install.mjs', [], npm())).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(calls()).toEqual(['']);
  });

  test('installs again when package-lock.json has moved on', async () => {
    await run('cli/install.mjs', [], npm());
    writeFileSync(join(root, 'package-lock.json'), lock('2.0.0'));
    await run('cli/install.mjs', [], npm());
    expect(calls()).toHaveLength(2);
  });

  test('does not take a half-made node_modules for an installation', async () => {
    mkdirSync(join(root, 'node_modules/left-pad'), { recursive: true });
    await run('cli/install.mjs', [], npm());
    expect(calls()).toHaveLength(1);
  });

  test('says what to type when npm fails, and tries again the next time', async () => {
    writeFileSync(join(root, 'no-network'), '');
    const { code, stderr } = await run('cli/install.mjs', [], npm());
    expect(code).toBe(1);
    expect(stderr).toContain('npm ci failed. Type `npm ci` to see why');
    rmSync(join(root, 'no-network'));
    expect((await run('cli/install.mjs', [], npm())).code).toBe(0);
    expect(calls()).toHaveLength(2);
  });
});

function lock(version: string): string {
  const elsewhere = { version: '1.0.0', optional: true, os: ['aix'], cpu: ['ppc64'] };
  const packages = {
    '': { name: 'clone' },
    'node_modules/a': { version },
    'node_modules/elsewhere': elsewhere,
  };
  return JSON.stringify({ lockfileVersion: 3, packages });
}
