import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chaos, type Wrong } from './fixtures/chaos.ts';
import { clearAway, dataFolder } from './fixtures/data-folder.ts';
import { type Lives, livesOn } from './fixtures/lives.ts';

const seed = Number(process.env['SORTIE_TEST_SEED'] ?? Date.now() % 1_000_000);
/** `npm run chaos -- --jobs 1000` asks for 1,000: here as many as take a minute or two. */
const JOBS = Number(process.env['SORTIE_CHAOS_JOBS'] ?? 200);
/**
 * It has the machine to itself then: how long nothing moved is Sortie's own doing, and each fault has had the time to
 * strike. Beside other tests both are only told.
 */
const alone = process.env['SORTIE_CHAOS_JOBS'] !== undefined;

let folder = '';
let lives: Lives;

beforeEach(() => {
  folder = dataFolder();
  lives = livesOn(join(folder, 'data'));
});

afterEach(async () => {
  try {
    await lives.kill();
  } finally {
    await clearAway(lives.dataDir);
    await clearAway(folder);
  }
});

const nothing: Wrong = { endedOtherwise: [], startedTwice: [], left: [], mismatches: [] };

test('200 jobs on a cloud that refuses, throttles and breaks all end as they should, each try once, and leave nothing', async () => {
  const plan = { seed, jobs: 200, kills: 0, harm: 'calls and boots' } as const;
  const { wrong, fatesNeverMet } = await chaos(plan, { folder, lives });
  expect({ wrong, fatesNeverMet }).toEqual({ wrong: nothing, fatesNeverMet: [] });
}, 480_000);

test(
  'so they do while listings fail, agents are cut off, machines hang or are taken back, and kill -9 comes five times',
  async () => {
    const plan = { seed, jobs: JOBS, kills: 5, harm: 'machines too' } as const;
    const { wrong, fatesNeverMet, standstills } = await chaos(plan, { folder, lives });
    expect(wrong).toEqual(nothing);
    if (alone) expect({ fatesNeverMet, standstills }).toEqual({ fatesNeverMet: [], standstills: [] });
  },
  480_000 + 2_000 * JOBS,
);
