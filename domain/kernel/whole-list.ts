import type { EventStore, Listed } from './event-store.ts';

const PAGE = 100;

/** All that is under a list key, newest first. */
export async function* wholeList(store: Pick<EventStore, 'list'>, key: string): AsyncGenerator<Listed> {
  let from: string | undefined;
  do {
    const page = await store.list(key, PAGE, from);
    if (page === 'bad-cursor') throw new Error(`the store does not take its own cursor of ${key}`);
    yield* page.items;
    from = page.next;
  } while (from !== undefined);
}
