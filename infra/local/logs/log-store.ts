import { atomically, type LocalDatabase } from '../database.ts';

export type LogEvent = { timestamp: number; message: string };
export type StoredEvent = LogEvent & { id: number; ingestedAt: number };
/** The place of an event within its stream: by time, and in the order of arrival within a millisecond. */
export type LogPosition = { timestamp: number; id: number };

export type LogStream = { id: number; name: string; createdAt: number };
export type LogStreamFacts = LogStream & {
  first: number | null;
  last: number | null;
  ingestedAt: number | null;
};

/** Log groups, streams and events in `aws.db`. Times in ms. Names are checked by the caller. */
export type LogStore = {
  addGroup(name: string, retentionDays: number | null): 'added' | 'exists';
  group(name: string): { id: number; retentionDays: number | null } | null;
  addStream(group: number, name: string): 'added' | 'exists';
  stream(group: number, name: string): LogStream | null;
  streams(group: number, prefix: string, limit: number): LogStreamFacts[];
  removeStream(stream: number): void;
  append(stream: number, events: readonly LogEvent[]): void;
  /** In order of time, from the head or from the tail; `after` and `before` are exclusive, `from` is inclusive. */
  read(stream: number, range: LogRange): Iterable<StoredEvent>;
};
export type LogRange = {
  direction: 'forward' | 'backward';
  after: LogPosition;
  before: LogPosition;
  from: number;
  until: number;
  limit: number;
};

export const HEAD: LogPosition = { timestamp: 0, id: 0 };
export const TAIL: LogPosition = { timestamp: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

export function openLogStore(database: LocalDatabase, now: () => number = Date.now): LogStore {
  database.exec(`
    CREATE TABLE IF NOT EXISTS log_groups (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, retention_days INTEGER) STRICT;
    CREATE TABLE IF NOT EXISTS log_streams (
      id INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
      UNIQUE (log_group, name)) STRICT;
    CREATE TABLE IF NOT EXISTS log_events (
      id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, timestamp INTEGER NOT NULL,
      ingested_at INTEGER NOT NULL, message TEXT NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS log_events_in_order ON log_events(stream, timestamp, id);`);
  const addGroup = database.prepare('INSERT OR IGNORE INTO log_groups (name, retention_days) VALUES (?, ?)');
  const group = database.prepare('SELECT id, retention_days FROM log_groups WHERE name = ?');
  const addStream = database.prepare(
    'INSERT OR IGNORE INTO log_streams (log_group, name, created_at) VALUES (?, ?, ?)',
  );
  const stream = database.prepare(
    'SELECT id, name, created_at FROM log_streams WHERE log_group = ? AND name = ?',
  );
  const streams = database.prepare(`
    SELECT s.id, s.name, s.created_at,
      (SELECT MIN(timestamp) FROM log_events WHERE stream = s.id) AS first,
      (SELECT MAX(timestamp) FROM log_events WHERE stream = s.id) AS last,
      (SELECT MAX(ingested_at) FROM log_events WHERE stream = s.id) AS ingested
    FROM log_streams s WHERE log_group = ? AND substr(name, 1, length(:prefix)) = :prefix ORDER BY name LIMIT :limit`);
  const append = database.prepare(
    'INSERT INTO log_events (stream, timestamp, ingested_at, message) VALUES (?, ?, ?, ?)',
  );
  const read = (order: 'ASC' | 'DESC') =>
    database.prepare(`
      SELECT id, timestamp, ingested_at, message FROM log_events
      WHERE stream = :stream AND (timestamp, id) > (:afterTime, :afterId) AND (timestamp, id) < (:beforeTime, :beforeId)
        AND timestamp >= :from AND timestamp < :until
      ORDER BY timestamp ${order}, id ${order} LIMIT :limit`);
  const readers = { forward: read('ASC'), backward: read('DESC') };

  return {
    addGroup: (name, retentionDays) => (addGroup.run(name, retentionDays).changes > 0 ? 'added' : 'exists'),
    group(name) {
      const row = group.get(name);
      const days = row?.['retention_days'] ?? null;
      return row ? { id: Number(row['id']), retentionDays: days === null ? null : Number(days) } : null;
    },
    addStream: (id, name) => (addStream.run(id, name, now()).changes > 0 ? 'added' : 'exists'),
    stream(id, name) {
      const row = stream.get(id, name);
      return row ? { id: Number(row['id']), name, createdAt: Number(row['created_at']) } : null;
    },
    streams: (id, prefix, limit) =>
      streams.all({ prefix, limit }, id).map((row) => ({
        id: Number(row['id']),
        name: String(row['name']),
        createdAt: Number(row['created_at']),
        first: time(row['first']),
        last: time(row['last']),
        ingestedAt: time(row['ingested']),
      })),
    removeStream(id) {
      atomically(database, () => {
        database.prepare('DELETE FROM log_events WHERE stream = ?').run(id);
        database.prepare('DELETE FROM log_streams WHERE id = ?').run(id);
      });
    },
    append(id, events) {
      const ingestedAt = now();
      atomically(database, () => {
        for (const { timestamp, message } of events) append.run(id, timestamp, ingestedAt, message);
      });
    },
    *read(id, { direction, after, before, from, until, limit }) {
      const rows = readers[direction].iterate({
        stream: id,
        afterTime: after.timestamp,
        afterId: after.id,
        beforeTime: before.timestamp,
        beforeId: before.id,
        from,
        until,
        limit,
      });
      for (const row of rows) {
        yield {
          id: Number(row['id']),
          timestamp: Number(row['timestamp']),
          ingestedAt: Number(row['ingested_at']),
          message: String(row['message']),
        };
      }
    },
  };
}

const time = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);
