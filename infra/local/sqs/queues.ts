import { createHash, randomUUID } from 'node:crypto';
import { atomically, type LocalDatabase } from '../database.ts';

export type Message = {
  messageId: string;
  receiptHandle: string;
  body: string;
  md5: string;
  attributes: Record<string, string>;
  sentAt: number;
  receives: number;
  firstReceivedAt: number;
};

/** Queues in `aws.db`: a message is there from `send` until `remove`, whatever is killed in between. Times in ms. */
export type Queues = {
  /** Unknown queues are null, here and below. */
  send(
    queue: string,
    body: string,
    attributes?: Record<string, string>,
  ): { messageId: string; md5: string } | null;
  receive(queue: string, limit: number, visibilityMs: number): Message[] | null;
  remove(queue: string, receiptHandle: string): boolean;
  /** Hides a message that was received for so long from now on; 0: gives it back. */
  hide(queue: string, receiptHandle: string, visibilityMs: number): 'hidden' | 'unknown-receipt';
  counts(queue: string): { visible: number; inFlight: number } | null;
  names(): string[];
};

export function openQueues(
  database: LocalDatabase,
  names: readonly string[],
  now: () => number = Date.now,
): Queues {
  database.exec(`CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message_id TEXT NOT NULL, body TEXT NOT NULL,
    attributes TEXT NOT NULL, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL, receives INTEGER NOT NULL,
    first_received_at INTEGER, receipt TEXT UNIQUE) STRICT;
    CREATE INDEX IF NOT EXISTS messages_by_queue ON messages(queue, visible_at, id);`);
  const insert = database.prepare(
    `INSERT INTO messages (queue, message_id, body, attributes, sent_at, visible_at, receives)
     VALUES (?, ?, ?, ?, ?, ?, 0)`,
  );
  const visible = database.prepare(
    'SELECT * FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY id LIMIT ?',
  );
  const claim = database.prepare(
    `UPDATE messages SET visible_at = ?, receipt = ?, receives = receives + 1,
     first_received_at = COALESCE(first_received_at, ?) WHERE id = ?`,
  );
  const remove = database.prepare('DELETE FROM messages WHERE queue = ? AND receipt = ?');
  const hide = database.prepare('UPDATE messages SET visible_at = ? WHERE queue = ? AND receipt = ?');
  const count = database.prepare(
    'SELECT COUNT(*) AS whole, COALESCE(SUM(visible_at <= ?), 0) AS visible FROM messages WHERE queue = ?',
  );
  const known = new Set(names);
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');

  return {
    send(queue, body, attributes = {}) {
      if (!known.has(queue)) return null;
      const messageId = randomUUID();
      insert.run(queue, messageId, body, JSON.stringify(attributes), now(), now());
      return { messageId, md5: md5(body) };
    },
    receive(queue, limit, visibilityMs) {
      if (!known.has(queue)) return null;
      return atomically(database, () =>
        visible.all(queue, now(), limit).map((row) => {
          const receiptHandle = randomUUID();
          claim.run(now() + visibilityMs, receiptHandle, now(), Number(row['id']));
          const body = String(row['body']);
          return {
            messageId: String(row['message_id']),
            receiptHandle,
            body,
            md5: md5(body),
            attributes: JSON.parse(String(row['attributes'])) as Record<string, string>,
            sentAt: Number(row['sent_at']),
            receives: Number(row['receives']) + 1,
            firstReceivedAt: Number(row['first_received_at'] ?? now()),
          };
        }),
      );
    },
    remove: (queue, receiptHandle) => remove.run(queue, receiptHandle).changes > 0,
    hide: (queue, receiptHandle, visibilityMs) =>
      hide.run(now() + visibilityMs, queue, receiptHandle).changes > 0 ? 'hidden' : 'unknown-receipt',
    counts(queue) {
      if (!known.has(queue)) return null;
      const row = count.get(now(), queue);
      const seen = Number(row?.['visible']);
      return { visible: seen, inFlight: Number(row?.['whole']) - seen };
    },
    names: () => [...known],
  };
}
