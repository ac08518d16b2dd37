import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import type { RunList } from '../../domain/api/run.ts';
import { isFinal } from '../../domain/kernel/status.ts';
import { verify } from '../../domain/verify.ts';
import { dynamoClient } from '../../infra/dynamodb/client.ts';
import { dynamoEventStore } from '../../infra/dynamodb/event-store.ts';
import { dynamoHeads } from '../../infra/dynamodb/heads.ts';
import { type EmbeddedSortie, startEmbedded } from '../../infra/local/embedded-sortie.ts';
import { type ChaosJob, chaosJob } from './fixtures/chaos-jobs.ts';
import { type Client, clientOf } from './fixtures/client.ts';
import { clearAway, dataFolder, processesOf } from './fixtures/data-folder.ts';
import { seededRandom } from './fixtures/seeded-random.ts';

const JOBS = 200;
/** The ten minutes of a boot are 30 s. Much faster, and the minute's work of `sync` leaves no time for the jobs. */
const CLOCK_RATE = 20;

const folder = dataFolder();
const dataDir = join(folder, 'data');
let sortie: EmbeddedSortie | undefined;

afterAll(async () => {
  try {
    await sortie?.close('end');
  } finally {
    await clearAway(dataDir);
    await clearAway(folder);
  }
}, 60_000);

/** Waits for the end of all runs, and tells the longest time in which none of them moved, ms. */
async function followToEnd(client: Client, onSeen: (ended: number) => void): Promise<number> {
  let longest = 0;
  let before = '';
  let moved = Date.now();
  for (;;) {
    const { runs, seen } = seenIn(await client.runs());
    longest = Math.max(longest, Date.now() - moved);
    if (seen !== before) moved = Date.now();
    before = seen;
    const ended = runs.filter(({ status }) => isFinal(status)).length;
    onSeen(ended);
    if (ended === JOBS) return longest;
    await pause(100);
  }
}

const seenIn = (runs: RunList['runs']) => ({
  runs,
  seen: runs.map(({ id, status, jobs }) => `${id} ${status} ${JSON.stringify(jobs)}`).join('\n'),
});

test('200 jobs on a cloud that refuses, throttles and breaks all end as they should, each try once, and leave nothing', async () => {
  const seed = Number(process.env['SORTIE_TEST_SEED'] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  console.log(`seed ${seed}`);
  sortie = await startEmbedded({ port: 0, dataDir, clockRate: CLOCK_RATE });
  const { faults } = sortie.aws;
  const client = clientOf(sortie);
  const cheapest = async (cpu: string) =>
    (await client.plan({ commands: ['true'], resources: { cpu, memory: '0.5GB..' } })).plan.offers[0]
      ?.instance_type ?? '';
  faults.change({
    seed,
    instanceLimit: 10,
    throttle: { RunInstances: { burst: 1, perSecond: 8 } },
    capacity: [{ instanceType: await cheapest('2..') }],
    bootOfType: { [await cheapest('4..')]: 'internal-error' },
    bootShares: { crashes: 1 / 7, 'never-registers': 1 / 7, 'disk-full': 1 / 7 },
    crashAfterMs: 3_000,
    failingCalls: { RunInstances: 0.1, TerminateInstances: 0.1 },
    invocationVisibleAfterMs: 400 / CLOCK_RATE,
    connectionLostAfterMs: 300_000 / CLOCK_RATE,
  });

  const jobs = Array.from({ length: JOBS }, (_, n) => chaosJob(n, { folder, random }));
  const accepted = new Map<string, ChaosJob>();
  await Promise.all(jobs.map(async (job) => accepted.set((await client.submit(job.configuration)).id, job)));
  const longest = await followToEnd(client, (ended) => {
    if (ended >= JOBS / 8) faults.change({ bootOfType: {} });
  });

  const runs = await client.runs();
  const ends = runs.map(({ id, name, status }) => ({ name, status, asked: accepted.get(id)?.ends }));
  expect(ends.filter(({ status, asked }) => status !== asked)).toEqual([]);
  const starts = readFileSync(join(folder, 'starts'), 'utf8').trim().split('\n');
  expect(starts.toSorted()).toEqual([...new Set(starts)].toSorted());
  expect(longest).toBeLessThan(5_000);

  await vi.waitFor(
    async () => {
      const left = (await client.instances()).filter(({ status }) => status !== 'terminated');
      expect(left).toEqual([]);
      expect((await client.fleets()).map(({ instances }) => instances)).toEqual([0]);
      expect(processesOf(dataDir)).toEqual([]);
    },
    { timeout: 60_000, interval: 200 },
  );
  const instances = Map.groupBy(await client.instances(), ({ reason }) => reason);
  console.log([...instances].map(([reason, { length }]) => `${length} ${reason}`).join(', '));
  const [database, table] = [dynamoClient(), 'sortie-local'];
  const verified = await verify(dynamoEventStore(database, table), dynamoHeads(database, table), 'main');
  expect(verified.mismatches).toEqual([]);
  expect(verified.streams).toBeGreaterThanOrEqual(1 + 2 * JOBS);
}, 240_000);
