import type { LocalDatabase } from '../../database.ts';
import type { Position } from './read-stream.ts';

/** How far each mapping has come, kept in `aws.db`: a host killed at any moment goes on from there. */
export type Checkpoints = {
  /** Null when the mapping never ran on this stream; an empty shard when it ran and the stream had no record yet. */
  load(mapping: string, streamArn: string): Position | null;
  save(mapping: string, table: string, streamArn: string, position: Position): void;
  /** The sequence number that every one of a table's mappings has reached; null while one of them has none. */
  lowest(table: string, mappings: readonly string[]): string | null;
};

export function openCheckpoints(database: LocalDatabase): Checkpoints {
  database.exec(`CREATE TABLE IF NOT EXISTS checkpoints (
    mapping TEXT PRIMARY KEY, table_name TEXT NOT NULL, stream_arn TEXT NOT NULL,
    shard_id TEXT NOT NULL, sequence TEXT NOT NULL) STRICT`);
  const select = database.prepare(
    'SELECT shard_id, sequence FROM checkpoints WHERE mapping = ? AND stream_arn = ?',
  );
  const byTable = database.prepare('SELECT mapping, sequence FROM checkpoints WHERE table_name = ?');
  const upsert = database.prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?)');
  return {
    load(mapping, streamArn) {
      const row = select.get(mapping, streamArn);
      return row ? { shardId: String(row['shard_id']), sequence: String(row['sequence']) } : null;
    },
    save(mapping, table, streamArn, { shardId, sequence }) {
      upsert.run(mapping, table, streamArn, shardId, sequence);
    },
    lowest(table, mappings) {
      const reached = byTable
        .all(table)
        .filter((row) => mappings.includes(String(row['mapping'])))
        .map((row) => BigInt(String(row['sequence'])));
      if (reached.length < mappings.length) return null;
      return String(reached.reduce((low, next) => (next < low ? next : low)));
    },
  };
}

/**
 * Which records of a mapping are still under way. Lanes finish in any order; the checkpoint is the last record
 * before which none is unfinished, so that a restart repeats records but never skips one.
 */
export function createProgress(advance: (position: Position) => void) {
  const underWay: { position: Position; done: boolean }[] = [];
  return {
    size: () => underWay.length,
    /** In the order of the stream. The function returned marks the record as done. */
    begin(position: Position): () => void {
      const entry = { position, done: false };
      underWay.push(entry);
      return () => {
        entry.done = true;
        let reached: Position | null = null;
        while (underWay[0]?.done) reached = underWay.shift()?.position ?? null;
        if (reached) advance(reached);
      };
    },
  };
}
