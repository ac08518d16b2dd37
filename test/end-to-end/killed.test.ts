import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { verify } from '../../domain/verify.ts';
import { dynamoClient } from '../../infra/dynamodb/client.ts';
import { dynamoEventStore } from '../../infra/dynamodb/event-store.ts';
import { dynamoHeads } from '../../infra/dynamodb/heads.ts';
import { PATIENCE_MS } from '../patience.ts';
import { clientOf, final, textOf } from './fixtures/client.ts';
import { processesOf } from './fixtures/data-folder.ts';
import { seededRandom } from './fixtures/seeded-random.ts';
import { successors } from './fixtures/successors.ts';

const KILLS = 5;
const RUNS = 8;
const LINES = 15;
/** A launch whose asker was killed is asked for again a minute later, at the next look of `sync`. */
const PATIENCE = 180_000;

const sorties = successors();
const { folder, dataDir } = sorties;
const startsFile = join(folder, 'starts');

const configuration = (n: number) => ({
  name: `run-${n}`,
  commands: [
    `echo "$SORTIE_SUBMISSION_ID" >> ${startsFile}`,
    `for line in $(seq 1 ${LINES}); do echo "$line of run ${n}"; sleep 0.1; done`,
  ],
  resources: { cpu: 2, memory: '1GB..' },
});
const output = (n: number) =>
  Array.from({ length: LINES }, (_, line) => `${line + 1} of run ${n}\n`).join('');

/** As a user would: the same key again until somebody has said that the run is accepted. */
async function submitAll(at: { url: string; token: string }, accepted: Map<number, string>, upTo: number) {
  const client = clientOf(at);
  for (let n = 0; n < upTo; n++) {
    if (accepted.has(n)) continue;
    try {
      const { id } = await client.submit(configuration(n), { 'idempotency-key': `key-${n}` });
      accepted.set(n, id);
    } catch (error) {
      // Killed in between: whether the run exists is unknown until the key is sent again.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

test(
  'kill -9 at any moment loses no accepted run, starts none twice, and leaves no instance over',
  async () => {
    const seed = Number(process.env['SORTIE_TEST_SEED'] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    console.log(`seed ${seed}`);
    const accepted = new Map<number, string>();

    for (let life = 1; life <= KILLS; life++) {
      // One kill comes while it starts, the others while it works.
      if (life === 3) {
        await sorties.begin();
        await pause(300 + 1_200 * random());
      } else {
        const at = await sorties.answering();
        const submitting = submitAll(at, accepted, Math.ceil((RUNS * life) / KILLS));
        await pause(50 + 1_750 * random());
        await sorties.kill();
        await submitting;
      }
      await sorties.kill();
    }

    const sortie = await sorties.last();
    const client = clientOf(sortie);
    await submitAll(sortie, accepted, RUNS);
    expect(accepted.size).toBe(RUNS);
    const runs = await Promise.all(
      [...accepted].map(async ([n, id]) => ({ n, run: await client.until(id, 'over', final, PATIENCE) })),
    );
    expect(runs.map(({ run }) => run.status)).toEqual(runs.map(() => 'done'));

    const starts = existsSync(startsFile) ? readFileSync(startsFile, 'utf8').trim().split('\n') : [];
    const finished = runs.map(({ run }) => `${run.id}-0-${run.jobs[0]?.submissions.at(-1)?.number}`);
    expect(starts.toSorted()).toEqual(finished.toSorted());
    for (const { n, run } of runs) expect(textOf(await client.logs(run.id))).toBe(output(n));

    await vi.waitFor(
      async () => {
        const instances = await client.instances();
        expect(instances.filter(({ status }) => status !== 'idle' && status !== 'terminated')).toEqual([]);
      },
      { timeout: PATIENCE_MS, interval: 50 },
    );
    const database = dynamoClient();
    const table = 'sortie-local';
    const verified = await verify(dynamoEventStore(database, table), dynamoHeads(database, table), 'main');
    expect(verified.mismatches).toEqual([]);
    expect(verified.streams).toBeGreaterThanOrEqual(1 + 2 * RUNS);

    await sortie.aws.ec2.terminateAll();
    expect(processesOf(dataDir)).toEqual([]);
  },
  PATIENCE + 90_000,
);
