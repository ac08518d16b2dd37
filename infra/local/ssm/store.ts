import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { atomically } from '../database.ts';
import type { CommandRecord, InvocationRecord } from './invocation-record.ts';

export type NodeRecord = {
  readonly instance: string;
  readonly registeredAt: number;
  readonly lastPingAt: number;
};

export type Page = {
  readonly command: string | null;
  readonly instance: string | null;
  readonly after: number;
  readonly size: number;
};

export type CommandStore = {
  add(command: CommandRecord, script: string): void;
  command(id: string): CommandRecord | undefined;
  script(id: string): string;
  invocation(command: string, instance: string): InvocationRecord | undefined;
  invocationsOf(command: string): InvocationRecord[];
  /** What has not ended, for all instances or for one. */
  live(instance?: string): InvocationRecord[];
  /** Newest first; `after` is the `row` of the last one seen. */
  page(page: Page): { readonly row: number; readonly invocation: InvocationRecord }[];
  save(invocation: InvocationRecord): void;
  node(instance: string): NodeRecord | undefined;
  nodes(): NodeRecord[];
  saveNode(node: NodeRecord): void;
};

export function openCommandStore(database: DatabaseSync): CommandStore {
  database.exec(`
    CREATE TABLE IF NOT EXISTS ssm_commands (id TEXT PRIMARY KEY, body TEXT NOT NULL, script TEXT);
    CREATE TABLE IF NOT EXISTS ssm_invocations (row INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, instance TEXT NOT NULL,
      ended INTEGER NOT NULL, state TEXT NOT NULL, UNIQUE (command, instance));
    CREATE INDEX IF NOT EXISTS ssm_invocations_of_instance ON ssm_invocations (instance, row);
    CREATE INDEX IF NOT EXISTS ssm_invocations_live ON ssm_invocations (instance) WHERE ended = 0;
    CREATE TABLE IF NOT EXISTS ssm_nodes (instance TEXT PRIMARY KEY, body TEXT NOT NULL);`);
  const columns = 'row, command, instance, state';
  const sql = {
    addCommand: database.prepare('INSERT INTO ssm_commands VALUES (?, ?, ?)'),
    addInvocation: database.prepare(
      'INSERT INTO ssm_invocations (command, instance, ended, state) VALUES (?, ?, 0, ?)',
    ),
    command: database.prepare('SELECT body FROM ssm_commands WHERE id = ?'),
    script: database.prepare('SELECT script FROM ssm_commands WHERE id = ?'),
    // The script is large, and needed no more once every instance has run it.
    dropScript: database.prepare(`UPDATE ssm_commands SET script = NULL WHERE id = ?1
      AND NOT EXISTS (SELECT 1 FROM ssm_invocations WHERE command = ?1 AND ended = 0)`),
    invocation: database.prepare(`SELECT ${columns} FROM ssm_invocations WHERE command = ? AND instance = ?`),
    ofCommand: database.prepare(`SELECT ${columns} FROM ssm_invocations WHERE command = ? ORDER BY row`),
    live: database.prepare(`SELECT ${columns} FROM ssm_invocations WHERE ended = 0 ORDER BY row`),
    liveOf: database.prepare(
      `SELECT ${columns} FROM ssm_invocations WHERE ended = 0 AND instance = ? ORDER BY row`,
    ),
    page: database.prepare(`SELECT ${columns} FROM ssm_invocations WHERE row < ? ORDER BY row DESC LIMIT ?`),
    pageOfCommand: database.prepare(
      `SELECT ${columns} FROM ssm_invocations WHERE command = ? AND row < ? ORDER BY row DESC LIMIT ?`,
    ),
    pageOfInstance: database.prepare(
      `SELECT ${columns} FROM ssm_invocations WHERE instance = ? AND row < ? ORDER BY row DESC LIMIT ?`,
    ),
    save: database.prepare(
      'UPDATE ssm_invocations SET state = ?, ended = ? WHERE command = ? AND instance = ?',
    ),
    node: database.prepare('SELECT body FROM ssm_nodes WHERE instance = ?'),
    nodes: database.prepare('SELECT body FROM ssm_nodes ORDER BY instance'),
    saveNode: database.prepare(
      'INSERT INTO ssm_nodes VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
    ),
  };

  return {
    add: (command, script) =>
      atomically(database, () => {
        sql.addCommand.run(command.id, JSON.stringify(command), script);
        for (const instance of command.instances)
          sql.addInvocation.run(command.id, instance, '{"is":"pending"}');
      }),
    command: (id) => body<CommandRecord>(sql.command.get(id)),
    script: (id) => String(sql.script.get(id)?.['script'] ?? ''),
    invocation: (command, instance) => {
      const row = sql.invocation.get(command, instance);
      return row && invocationOf(row);
    },
    invocationsOf: (command) => sql.ofCommand.all(command).map(invocationOf),
    live: (instance) =>
      (instance === undefined ? sql.live.all() : sql.liveOf.all(instance)).map(invocationOf),
    page: ({ command, instance, after, size }) => {
      if (command !== null) return rows(sql.pageOfCommand.all(command, after, size));
      return rows(
        instance === null ? sql.page.all(after, size) : sql.pageOfInstance.all(instance, after, size),
      );
    },
    save: ({ command, instance, state }) => {
      const ended = state.is === 'ended' ? 1 : 0;
      sql.save.run(JSON.stringify(state), ended, command, instance);
      if (ended) sql.dropScript.run(command);
    },
    node: (instance) => body<NodeRecord>(sql.node.get(instance)),
    nodes: () => sql.nodes.all().flatMap((row) => body<NodeRecord>(row) ?? []),
    saveNode: (node) => void sql.saveNode.run(node.instance, JSON.stringify(node)),
  };
}

type Row = Record<string, SQLOutputValue>;

const body = <T>(row: Row | undefined): T | undefined => row && (JSON.parse(String(row['body'])) as T);

const invocationOf = (row: Row): InvocationRecord => ({
  command: String(row['command']),
  instance: String(row['instance']),
  state: JSON.parse(String(row['state'])),
});

const rows = (found: Row[]) =>
  found.map((row) => ({ row: Number(row['row']), invocation: invocationOf(row) }));
