import type { DeadLetters } from '../../domain/dead-letters/dead-letters.ts';
import type { Unpublished } from '../../domain/dead-letters/unpublished.ts';
import type { Bus } from '../../domain/kernel/bus.ts';
import { type Instant, iso, MINUTE } from '../../domain/kernel/instant.ts';
import type { Tally } from '../../domain/metrics/tally.ts';
import type { Tell } from '../../domain/metrics/told.ts';
import { readCommit, readObserved } from '../../infra/dynamodb/items.ts';
import { count } from './count.ts';

export interface Publishing {
  readonly bus: Bus;
  readonly letters: Pick<DeadLetters, 'put'>;
  readonly tally: Pick<Tally, 'add'>;
  readonly tell: Tell;
  readonly now: () => Instant;
}

/** So long the stream waits for the bus. Then whoever comes next is let through, and the letter says who was not. */
const GIVE_UP_AFTER = 5 * MINUTE;

/**
 * Every event of every commit onto the bus, in the order of the shard; docs/events.md has the envelope. Throws: the whole
 * batch again, since whoever listens knows an event that comes twice by its id.
 */
export async function publish(on: Publishing, items: readonly Record<string, unknown>[]): Promise<void> {
  try {
    await on.bus.publish(items.map(readCommit));
  } catch (error) {
    const [first, ...others] = items.map(keyOfItem);
    const ats = items.map(({ at }) => Number(at));
    if (first === undefined || on.now() - Math.max(...ats) < GIVE_UP_AFTER) throw error;
    const letter: Unpublished = {
      unpublished: [first, ...others],
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      from: iso(Math.min(...ats)),
      to: iso(Math.max(...ats)),
    };
    await on.letters.put(JSON.stringify(letter));
  }
  await count(
    on,
    items.flatMap((item) => {
      const observed = readObserved(item);
      return observed ? [{ ...observed, key: keyOfItem(item) }] : [];
    }),
  );
}

const keyOfItem = ({ pk, sk }: Record<string, unknown>): string => `${String(pk)}/${Number(sk)}`;
