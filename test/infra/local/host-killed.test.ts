import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../../patience.ts';
import { credentials, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
const program = fileURLToPath(new URL('./fixtures/counting-host.ts', import.meta.url));
const seenFile = join(folder.path, 'seen');
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  folder.remove();
});

async function startHostProcess(): Promise<{ child: ChildProcess; endpoint: string; table: string }> {
  const child = spawn(process.execPath, [program, join(folder.path, 'data'), seenFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as { endpoint: string; table: string }) };
}

const seen = () => (existsSync(seenFile) ? readFileSync(seenFile, 'utf8').trim().split('\n') : []);

/** Writes one item after another until the engine is gone; gives the keys that it had acknowledged. */
async function writeUntilGone(endpoint: string, TableName: string, life: number): Promise<string[]> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  const acknowledged: string[] = [];
  try {
    for (let number = 1; ; number++) {
      const [pk, sk] = [`life-${life}`, String(number).padStart(10, '0')];
      await client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { S: sk } } }));
      acknowledged.push(`${pk}/${sk}`);
    }
  } catch {
    // The engine dies with its host: whether this last write was stored is unknown, and not counted.
    return acknowledged;
  } finally {
    client.destroy();
  }
}

test('a host killed at any moment loses no acknowledged write: the next one delivers it', async () => {
  const acknowledged: string[] = [];
  for (let life = 0; life < 3; life++) {
    const { child, endpoint, table } = await startHostProcess();
    const writing = writeUntilGone(endpoint, table, life);
    await vi.waitFor(
      () => expect(seen().filter((key) => key.startsWith(`life-${life}/`)).length).toBeGreaterThan(20),
      PATIENCE_MS,
    );
    child.kill('SIGKILL');
    acknowledged.push(...(await writing));
  }
  await startHostProcess();
  await vi.waitFor(
    () => expect(acknowledged.filter((key) => !seen().includes(key))).toEqual([]),
    PATIENCE_MS,
  );
  const first = [...new Set(seen().filter((key) => key.startsWith('life-1/')))];
  expect(first).toEqual(first.toSorted());
});
