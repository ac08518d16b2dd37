import type { DatabaseSync } from 'node:sqlite';
import { atomically } from '../database.ts';
import { parseDocument, type SsmDocument } from './documents.ts';

/** A document of each name, by the version that a call names. */
export type DocumentVersions = {
  has(name: string): boolean;
  /** `version`: a number, `$LATEST` or `$DEFAULT`. */
  find(name: string, version: string): SsmDocument | undefined;
};

/**
 * The versions that SSM keeps of each document. New content is a new version, and the default stays at the first until
 * UpdateDocumentDefaultVersion is called. CloudFormation's `UpdateMethod: NewVersion` is documented to call it
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-document.html), and was seen not to
 * (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2539): here it never does.
 */
export function openDocumentVersions(
  database: DatabaseSync,
  deployed: readonly { readonly name: string; readonly content: unknown }[],
): DocumentVersions {
  database.exec(
    'CREATE TABLE IF NOT EXISTS ssm_documents (name TEXT, version INTEGER, content TEXT NOT NULL, PRIMARY KEY (name, version)) STRICT',
  );
  const latest = database.prepare(
    'SELECT version, content FROM ssm_documents WHERE name = ? ORDER BY version DESC LIMIT 1',
  );
  const one = database.prepare('SELECT content FROM ssm_documents WHERE name = ? AND version = ?');
  const add = database.prepare('INSERT INTO ssm_documents VALUES (?, ?, ?)');
  // What cannot be read is refused before it is kept.
  const written = deployed.map(({ name, content }) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    return { ...parseDocument(name, text), text };
  });
  atomically(database, () => {
    for (const { name, text } of written) {
      const known = latest.get(name);
      if (known?.['content'] !== text) add.run(name, Number(known?.['version'] ?? 0) + 1, text);
    }
  });
  const names = new Set(written.map(({ name }) => name));
  const read = new Map<string, SsmDocument | undefined>();
  return {
    has: (name) => names.has(name),
    find(name, version) {
      const key = `${name} ${version}`;
      if (!read.has(key)) {
        const row =
          version === '$LATEST'
            ? latest.get(name)
            : one.get(name, version === '$DEFAULT' ? 1 : Number(version));
        read.set(key, row && parseDocument(name, row['content']));
      }
      return read.get(key);
    },
  };
}
