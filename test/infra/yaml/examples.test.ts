import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatProblems } from '../../../infra/yaml/located-problem.ts';
import { readApplicable } from '../../../infra/yaml/read-configuration.ts';

const folder = new URL('../../../examples/', import.meta.url);

test.each(readdirSync(folder).filter((file) => file.endsWith('.yaml')))('examples/%s is right', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const read = readApplicable(text, file);
  expect(read.ok ? '' : formatProblems(read.error)).toBe('');
  for (const [, other] of text.matchAll(/examples\/([\w.-]+)/g))
    expect(existsSync(new URL(`${other}`, folder)), `${file} names examples/${other}`).toBe(true);
  if (!read.ok || read.value.type !== 'task') return;
  const script = read.value.container?.setup_script;
  if (script?.kind === 'file') expect(existsSync(new URL(script.path, folder))).toBe(true);
});
