import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * The embedded AWS's own records (logs, queues, checkpoints, pending invocations): one SQLite file, `DATA/aws.db`.
 *
 * WAL with `synchronous = NORMAL` leaves each commit with the operating system, so a `kill -9` loses nothing;
 * only a power cut may lose the last commits, never the file's integrity (https://sqlite.org/wal.html).
 */
export type LocalDatabase = DatabaseSync;

export function openLocalDatabase(dataDir: string): LocalDatabase {
  mkdirSync(dataDir, { recursive: true });
  const database = new DatabaseSync(ownFile(join(dataDir, 'aws.db')), { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  return database;
}

/** Made for its owner alone; SQLite makes the files beside it like it (https://sqlite.org/wal.html). */
export function ownFile(path: string): string {
  closeSync(openSync(path, 'a', 0o600));
  return path;
}

/** All of `work` or nothing of it. SQLite transactions do not nest: call it at the outermost place only. */
export function atomically<T>(database: LocalDatabase, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (cause) {
    // On a full disk SQLite has rolled back by itself, and a second time would hide why: https://sqlite.org/lang_transaction.html
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}
