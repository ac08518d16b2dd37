import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Strategy } from './instance-record.ts';
import type { Tags } from './tags.ts';

export type PlacementGroup = {
  readonly name: string;
  readonly id: string;
  readonly strategy: Strategy;
  readonly tags: Tags;
};

export type GroupStore = {
  all(): PlacementGroup[];
  find(name: string): PlacementGroup | undefined;
  add(group: Omit<PlacementGroup, 'id'>): PlacementGroup;
  remove(name: string): void;
};

/** Placement groups, on disk before the call returns. */
export function openGroupStore(database: DatabaseSync): GroupStore {
  database.exec(
    'CREATE TABLE IF NOT EXISTS ec2_placement_groups (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;',
  );
  const insert = database.prepare('INSERT INTO ec2_placement_groups VALUES (?, ?)');
  const select = database.prepare('SELECT body FROM ec2_placement_groups WHERE name = ?');
  const every = database.prepare('SELECT body FROM ec2_placement_groups ORDER BY name');
  const remove = database.prepare('DELETE FROM ec2_placement_groups WHERE name = ?');
  const read = (row: Record<string, unknown>): PlacementGroup => JSON.parse(String(row['body']));
  return {
    all: () => every.all().map(read),
    find(name) {
      const row = select.get(name);
      return row && read(row);
    },
    add(group) {
      const added = { ...group, id: `pg-${randomBytes(9).toString('hex').slice(0, 17)}` };
      insert.run(group.name, JSON.stringify(added));
      return added;
    },
    remove: (name) => void remove.run(name),
  };
}
