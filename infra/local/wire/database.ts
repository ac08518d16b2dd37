import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * The state of the embedded services, one file for all, each with tables of its own.
 * synchronous=NORMAL: a commit outlives the process (`kill -9`), not the machine, as the instances do.
 */
export function openAwsDatabase(data: string): DatabaseSync {
  mkdirSync(data, { recursive: true });
  const database = new DatabaseSync(join(data, 'aws.db'), { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return database;
}

export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
