import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;

/** Elsewhere npm would fetch whatever package has the name, and run it with the user's token. */
test('no message, example or page says `npx sortie`, but for the README that warns of it', () => {
  const files = globSync(
    [
      'cli/**/*.{ts,mjs}',
      'domain/**/*.ts',
      'functions/**/*.ts',
      'infra/**/*.ts',
      'examples/*',
      'docs/**/*.md',
    ],
    {
      cwd: ROOT,
    },
  );
  expect(files.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('npx sortie'))).toEqual([]);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8').match(/npx sortie/g)).toHaveLength(1);
});

describe('npm install -g .', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sortie-installed-'));
  const run = (file: string, ...args: string[]) => {
    const env = { PATH, HOME: folder, SORTIE_DATA: join(folder, 'data') };
    const { status, stdout, stderr } = spawnSync(file, args, { cwd: folder, env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  beforeAll(() => {
    const installed = run('npm', 'install', '-g', ROOT, '--prefix', join(folder, 'prefix'), '--offline');
    expect(installed.status, installed.stderr).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const sortie = (...args: string[]) => run(join(folder, 'prefix/bin/sortie'), ...args);

  test('gives the command of this clone', () => {
    expect(sortie('--version')).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  test('works from any folder: what it says is of the data folder that it is told', () => {
    const { status, stderr } = sortie('ps');
    expect(status).toBe(3);
    expect(stderr).toContain(`no Sortie has been started in ${join(folder, 'data')}`);
    expect(sortie('apply', '-f', join(ROOT, 'examples/none.yaml'), '-y').stderr).toContain(
      'there is no file',
    );
  });
});
