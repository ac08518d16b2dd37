import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openLocalDatabase } from '../../../infra/local/database.ts';
import { openDocumentVersions } from '../../../infra/local/ssm/document-versions.ts';

const folder = mkdtempSync(join(tmpdir(), 'sortie-documents-'));
const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
  rmSync(folder, { recursive: true, force: true });
});

const content = (runCommand: string) => ({
  schemaVersion: '2.2',
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand } }],
});

/** As a deployment leaves it. */
function deploy(runCommand: string) {
  const database = openLocalDatabase(folder);
  undo.push(() => database.close());
  return openDocumentVersions(database, [{ name: 'start-job', content: content(runCommand) }]);
}

it('new content is a new version, and the default stays as it was', () => {
  deploy('echo one');
  deploy('echo one');
  const versions = deploy('echo two');
  const script = (version: string) =>
    versions.find('start-job', version)?.content.mainSteps[0].inputs.runCommand;
  expect(script('$DEFAULT')).toBe('echo one');
  expect(script('$LATEST')).toBe('echo two');
  expect([script('1'), script('2'), script('3')]).toEqual(['echo one', 'echo two', undefined]);
  expect(versions.has('start-job')).toBe(true);
  expect(versions.has('stop-job')).toBe(false);
});
