/** All that a list has, asked for page by page. */
export async function everyPage<P extends { readonly next?: string | undefined }, T>(
  ask: (cursor: string | undefined) => Promise<P>,
  items: (page: P) => readonly T[],
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    all.push(...items(page));
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}
