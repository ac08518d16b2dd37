import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { atomically, type LocalDatabase, openLocalDatabase } from '../../../infra/local/database.ts';
import { openLogSink } from '../../../infra/local/host/functions/log-sink.ts';
import { startTrimming } from '../../../infra/local/host/trimming.ts';
import { needing } from '../../needs.ts';
import { until } from './cloud/until.ts';

describe("the embedded AWS's records on a full disk", () => {
  let folder: string;
  let database: LocalDatabase;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sortie-database-'));
    database = openLocalDatabase(folder);
    database.exec('CREATE TABLE kept (bytes BLOB)');
    // As many pages as there are: SQLite answers as where the disk has no more.
    const { page_count } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    database.exec(`PRAGMA max_page_count = ${page_count}`);
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  const write = () => database.prepare('INSERT INTO kept VALUES (zeroblob(1000000))').run();

  test('are not written in part, and the error says why', () => {
    expect(() => atomically(database, write)).toThrow('database or disk is full');
    expect(database.prepare('SELECT count(*) AS rows FROM kept').get()).toEqual({ rows: 0 });
    expect(() => atomically(database, () => database.prepare('SELECT 1').get())).not.toThrow();
  });

  test('stay untrimmed until there is room, and nothing ends by it', async () => {
    const tries: string[] = [];
    const trimming = startTrimming({
      mappings: [{ table: 'records', id: 'react' }] as never,
      checkpoints: { lowest: () => '7' } as never,
      trim: (_, sequence) => {
        tries.push(sequence);
        if (tries.length === 1) write();
      },
    });
    await until(async () => tries.length === 2);
    trimming.close();
    expect(tries).toEqual(['7', '7']);
  });
});

describe('what a function prints, on a full disk', needing('full-device'), () => {
  test('is lost, and nothing else', async () => {
    const sink = openLogSink('/dev/full');
    sink.write('react', 'one');
    await new Promise((resolve) => setImmediate(resolve));
    sink.write('react', 'two');
    await expect(sink.close()).resolves.toBeUndefined();
  });
});
