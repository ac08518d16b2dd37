import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = fileURLToPath(new URL('../../', import.meta.url));
export const seven = ['api', 'authorize', 'observe', 'publish', 'react', 'refresh', 'sync'] as const;

/** A folder like the project's, with functions of the given code, for tests that must not touch the project's own. */
export function fixtureProject(handlers: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sortie-project-'));
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  cpSync(join(project, 'package.json'), join(root, 'package.json'));
  for (const [name, code] of Object.entries(handlers)) {
    mkdirSync(join(root, 'functions', name), { recursive: true });
    writeFileSync(join(root, 'functions', name, 'handler.ts'), code);
  }
  return root;
}

/** Functions that do nothing, where the project has none to show. */
export const idleHandlers = Object.fromEntries(
  seven.map((name) => [name, 'export const handler = async () => ({});\n']),
);

export const hasFunctions = existsSync(join(project, 'functions'));
