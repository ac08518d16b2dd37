import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { type Crashing, crashing } from './crashing.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

/** One run after the other on one machine, the second with an environment; then the machine goes. */
async function story(crash: Crashing) {
  const sortie = inMemorySortie({ crashing: crash });
  for (const fields of [{}, { env: { TOKEN: 'hush' } }]) {
    const run = await sortie.submit({ ...fields, idle_duration: '2m' });
    await sortie.until('the run is over', finished(sortie, run));
    expect((await sortie.run(run)).phase).toMatchObject({ status: 'done', reason: 'all_jobs_done' });
    expect((await sortie.job(run)).past).toHaveLength(1);
    await expectSound(sortie);
  }
  await sortie.pass(10 * MINUTE);
  await expectSound(sortie);
  expect(sortie.machines().filter(({ state }) => state !== 'terminated')).toEqual([]);
  expect((await sortie.fleet()).reservations).toEqual([]);
}

describe('a process that dies at any call of a port leaves no more than a delay', () => {
  it.each(['undone', 'done'] as const)(
    'with the call %s',
    async (effect) => {
      for (let call = 1; ; call++) {
        const crash = crashing({ call, effect });
        try {
          await story(crash);
        } catch (error) {
          throw new Error(`died at call ${call}, which was ${effect}`, { cause: error });
        }
        if (!crash.crashed) {
          expect(call).toBeGreaterThan(100);
          return;
        }
      }
    },
    60_000,
  );
});
