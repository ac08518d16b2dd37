import { expect, it } from 'vitest';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { FLEET } from '../domain/given.ts';
import { type Crashing, crashing } from './crashing.ts';
import type { Sortie } from './in-memory-sortie.ts';
import { expectSound } from './invariants.ts';

/** Which calls of a port a process dies at: from the first on, one in so many. */
export interface Calls {
  readonly first: { readonly undone: number; readonly done: number };
  readonly every: number;
}

/** The story is told again and again, each time with a death at another call, until there is none left to die at. */
export function dyingAtEveryCall(tell: (crash: Crashing) => Promise<void>, { first, every }: Calls): void {
  it.each(['undone', 'done'] as const)(
    'ends as it should, whichever call of a port a process died at, the call %s',
    async (effect) => {
      for (let call = first[effect]; ; call += every) {
        const crash = crashing({ call, effect });
        try {
          await tell(crash);
        } catch (error) {
          throw new Error(`died at call ${call}, which was ${effect}: ${String(error)}`, { cause: error });
        }
        if (crash.crashed) continue;
        expect(call).toBeGreaterThan(80);
        return;
      }
    },
  );
}

/** Once all is over and idle time has passed, the record is sound and nothing is left in these fleets. */
export async function expectNothingLeft(sortie: Sortie, fleets = [FLEET]): Promise<void> {
  await sortie.pass(10 * MINUTE);
  await expectSound(sortie);
  expect(sortie.machines().filter(({ state }) => state !== 'terminated')).toEqual([]);
  for (const name of fleets) expect([name, (await sortie.fleet(name)).reservations]).toEqual([name, []]);
}
