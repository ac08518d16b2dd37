import type { DatabaseSync } from 'node:sqlite';
import { atomically } from '../database.ts';
import type { InstanceRecord } from './instance-record.ts';

/** What a client token was used for: the digest tells the same request from another. */
export type TokenUse = { readonly digest: string; readonly reservation: string };

export type InstanceStore = {
  all(): Iterable<InstanceRecord>;
  find(id: string): InstanceRecord | undefined;
  inReservation(reservation: string): InstanceRecord[];
  /** Those in a placement group that have not ended. */
  inGroup(group: string): InstanceRecord[];
  nextNumber(): number;
  tokenUse(scope: string, token: string): TokenUse | undefined;
  /** The instances of one launch and the token that stands for it, together or not at all. */
  addLaunch(
    instances: readonly InstanceRecord[],
    token: { scope: string; name: string; use: TokenUse } | null,
  ): void;
  save(instance: InstanceRecord): void;
  forgetTerminatedBefore(moment: number): void;
};

/** Every instance is in memory, each change is on disk before the call returns. */
export function openInstanceStore(database: DatabaseSync): InstanceStore {
  database.exec(`
    CREATE TABLE IF NOT EXISTS ec2_instances (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS ec2_tokens (scope TEXT, token TEXT, digest TEXT NOT NULL, reservation TEXT NOT NULL,
      PRIMARY KEY (scope, token)) WITHOUT ROWID;`);
  const insert = database.prepare('INSERT INTO ec2_instances (number, id, body) VALUES (?, ?, ?)');
  const update = database.prepare('UPDATE ec2_instances SET body = ? WHERE number = ?');
  const remove = database.prepare('DELETE FROM ec2_instances WHERE number = ?');
  const lastNumber = database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'ec2_instances'`);
  const insertToken = database.prepare('INSERT INTO ec2_tokens VALUES (?, ?, ?, ?)');
  const findToken = database.prepare(
    'SELECT digest, reservation FROM ec2_tokens WHERE scope = ? AND token = ?',
  );

  const byId = new Map<string, InstanceRecord>();
  for (const row of database.prepare('SELECT body FROM ec2_instances ORDER BY number').all()) {
    const instance: InstanceRecord = JSON.parse(String(row['body']));
    byId.set(instance.id, instance);
  }

  return {
    all: () => byId.values(),
    find: (id) => byId.get(id),
    inReservation: (reservation) =>
      [...byId.values()].filter((instance) => instance.reservation === reservation),
    inGroup: (group) => [...byId.values()].filter((one) => one.group === group && one.state !== 'terminated'),
    nextNumber: () => Number(lastNumber.get()?.['seq'] ?? 0) + 1,
    tokenUse(scope, token) {
      const row = findToken.get(scope, token);
      return row && { digest: String(row['digest']), reservation: String(row['reservation']) };
    },
    addLaunch(instances, token) {
      atomically(database, () => {
        if (token) insertToken.run(token.scope, token.name, token.use.digest, token.use.reservation);
        for (const instance of instances) insert.run(instance.number, instance.id, JSON.stringify(instance));
      });
      for (const instance of instances) byId.set(instance.id, instance);
    },
    save(instance) {
      update.run(JSON.stringify(instance), instance.number);
      byId.set(instance.id, instance);
    },
    forgetTerminatedBefore(moment) {
      for (const instance of byId.values()) {
        if (instance.terminatedAt === null || instance.terminatedAt > moment) continue;
        remove.run(instance.number);
        byId.delete(instance.id);
      }
    },
  };
}
