import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type EmbeddedSortie, startEmbedded } from '../../infra/local/embedded-sortie.ts';
import { clientOf, final, textOf } from './fixtures/client.ts';
import { clearAway, dataFolder } from './fixtures/data-folder.ts';

const dataDir = dataFolder();
let sortie: EmbeddedSortie | undefined;

afterAll(async () => {
  try {
    await sortie?.close('end');
  } finally {
    await clearAway(dataDir);
  }
});

test('a clock that has gone fast for ten minutes, and is hours ahead, leaves a job its output', async () => {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'clock-origin'), String(Date.now() - 600_000));
  sortie = await startEmbedded({ port: 0, dataDir, clockRate: 20 });
  const client = clientOf(sortie);
  const { id } = await client.submit({ commands: ['echo hello'], resources: { cpu: 2, memory: '1GB..' } });
  expect((await client.until(id, 'over', final)).status).toBe('done');
  expect(textOf(await client.logs(id))).toBe('hello\n');
});
