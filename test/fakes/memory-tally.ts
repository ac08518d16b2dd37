import type { Amounts, Book, Tally } from '../../domain/metrics/tally.ts';

/** The tally in memory, behaving as the real one does: both pass test/infra/dynamodb's contract. */
export function memoryTally(): Tally {
  const books = new Map<string, Record<string, number>>();
  const taken = new Map<string, string>();
  const open = (book: Book) => {
    const name = JSON.stringify(book);
    const opened = books.get(name) ?? {};
    books.set(name, opened);
    return opened;
  };
  return {
    async add(book, amounts, once) {
      const token = `${JSON.stringify(book)} ${once}`;
      const request = JSON.stringify(amounts);
      const before = taken.get(token);
      if (before === request) return;
      if (before !== undefined) throw new Error('IdempotentParameterMismatchException');
      taken.set(token, request);
      const opened = open(book);
      for (const [name, amount] of Object.entries(amounts)) opened[name] = (opened[name] ?? 0) + amount;
    },
    read: async (book): Promise<Amounts> => ({ ...open(book) }),
  };
}
