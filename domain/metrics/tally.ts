/** How much to add to which series; the names are those of domain/metrics/counters.ts. */
export type Amounts = Readonly<Record<string, number>>;

/** Whose counts: a project's, or those of the whole deployment's calls to the cloud. */
export type Book = { readonly kind: 'project'; readonly project: string } | { readonly kind: 'cloud' };

/** Counts that outlive processes. Outages are thrown. */
export interface Tally {
  /** Adds all of them or none. The same `once` again, within ten minutes and with the same amounts, adds nothing. */
  add(book: Book, amounts: Amounts, once: string): Promise<void>;
  read(book: Book): Promise<Amounts>;
}
