import * as z from 'zod';
import type { EventStore } from '../../domain/kernel/event-store.ts';
import { activeRuns, placeInLists, Run } from '../../domain/run/stream.ts';
import { badCursor } from './instances.ts';

/** A run's place among others: when it was submitted, and its id. */
const Cursor = z.string().regex(/^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z#[0-9a-z]{26}$/);

/** Runs that have not ended, the oldest first: what comes and ends meanwhile moves no other to another page. */
export async function activePage(
  store: Pick<EventStore, 'work'>,
  project: string,
  limit: number,
  cursor: string | undefined,
): Promise<{ readonly runs: readonly unknown[]; readonly next?: string }> {
  if (cursor !== undefined && !Cursor.safeParse(cursor).success) throw badCursor();
  // One more than asked for tells whether there is a next page.
  const found = (await store.work(Run, activeRuns(project), limit + 1, cursor)).flatMap(({ state }) =>
    state ? [state] : [],
  );
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return { runs: shown.map((run) => Run.view(run, run.id)), ...(last && { next: placeInLists(last) }) };
}
