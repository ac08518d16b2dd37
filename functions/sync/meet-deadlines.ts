import { type Instant, SECOND } from '../../domain/kernel/instant.ts';
import { keyOf } from '../../domain/streams.ts';
import type { Reactive } from '../react/ports.ts';
import { react } from '../react/reactor.ts';

const AT_ONCE = 200;
/** A stream whose due time a visit has not moved waits this long for the next one. */
const REVISIT = 5 * SECOND;

/**
 * Visits whatever is due, and stays for what falls due before `deadline`: an idle instance goes on time, a booting one
 * is looked at every few seconds. Where nothing that is known falls due before then the function ends at once, and what
 * comes up later, a retry after 15 s or an idle timeout, waits for the next minute's: to stay up for it would cost as much as a server.
 */
export async function meetDeadlines(on: Reactive, deadline: () => Instant): Promise<unknown[]> {
  const errors: unknown[] = [];
  const visited = new Map<string, Instant>();
  for (;;) {
    const now = on.runtime.now();
    const found = await on.store.due(now, AT_ONCE);
    const due = found.filter((stream) => now - (visited.get(keyOf(stream)) ?? 0) >= REVISIT);
    for (const stream of due) visited.set(keyOf(stream), now);
    const failures = await react(
      on,
      due.map((stream) => ({ kind: 'visit', stream, ring: 'due' })),
    );
    errors.push(...failures.map(({ error }) => error));
    // What failed would come round again at once: the next minute will do.
    if (failures.length > 0 || now >= deadline()) return errors;
    const [next] = await on.store.due(deadline(), 1);
    if (next === undefined) return errors;
    await on.runtime.pause(due.length === AT_ONCE ? 0 : SECOND);
  }
}
