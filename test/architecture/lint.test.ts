import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { violations, welcome } from './violations.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'sortie-lint-'));
const found = new Map<string, string[]>();

beforeAll(async () => {
  for (const path of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'infra/build/house-rules.mjs']) {
    cpSync(join(project, path), join(copy, path));
  }
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  for (const { file, code } of [...violations, ...welcome]) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), code);
  }
  for (const { filename, code } of await lint()) found.set(filename, [...(found.get(filename) ?? []), code]);
});

afterAll(() => rmSync(copy, { recursive: true }));

describe('the linter, in a copy of the project with a violation planted', () => {
  test.each(violations)('refuses $what', ({ file, rule }) => {
    expect(found.get(file)).toContain(rule);
  });

  test.each(welcome)('lets $what pass', ({ file }) => {
    expect(found.get(file)).toBeUndefined();
  });
});

const output = z.object({ diagnostics: z.array(z.object({ filename: z.string(), code: z.string() })) });

async function lint() {
  const oxlint = join(project, 'node_modules/.bin/oxlint');
  const stdout = await new Promise<string>((resolve, reject) => {
    // It exits with 1 where it finds something, which is what is wanted here.
    execFile(
      oxlint,
      ['--type-aware', '--format=json'],
      { cwd: copy, maxBuffer: 1e8 },
      (error, text, stderr) => {
        if (error && error.code !== 1) reject(new Error(`oxlint: ${stderr}`, { cause: error }));
        else resolve(text);
      },
    );
  });
  return output.parse(JSON.parse(stdout)).diagnostics;
}
