import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asStored } from '../../../domain/kernel/as-stored.ts';
import { refold } from '../../../domain/kernel/refold.ts';
import type { Commit, DomainEvent, Stream } from '../../../domain/kernel/stream.ts';
import { T0 } from '../given.ts';

interface Noted extends DomainEvent {
  readonly note: object;
}
type Notes = { readonly all: readonly object[] };

const noted = (state: Notes | undefined, { note }: Noted): Notes => ({ all: [...(state?.all ?? []), note] });

const commits = (count: number): Commit[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{
      stream: { name: 'Fleet', id: 'noted' },
      version: n + 1,
      at: T0,
      events: [{ type: 'Noted', note: { n } }],
    },
    ...{ by: 'a test', causation: null, correlation: 'a test' },
  })) as Commit[];

describe('folding a history anew', () => {
  test('writes what a commit left as it was no second time: a long one costs what its events cost', () => {
    const seen: Notes[] = [];
    const watched = {
      evolve(before: Notes | undefined, event: Noted) {
        if (before !== undefined) seen.push(before);
        return noted(before, event);
      },
    } as unknown as Stream<Notes, Noted>;
    const { state } = refold(watched, commits(50));
    expect(seen).toHaveLength(49);
    // The very same objects: writing the whole state each time would have made others.
    for (const { all } of seen) for (const [n, one] of all.entries()) expect(one).toBe(state?.all[n]);
  });

  test('leads to the very text that lay in the head between two decisions', () => {
    const odd = fc.oneof(fc.constant(undefined), fc.constant(-0), fc.constant(Number.NaN), fc.double());
    const value = fc.letrec((tie) => ({
      any: fc.oneof(odd, fc.string(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
      list: fc.array(tie('any'), { maxLength: 4 }),
      map: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('1', '0')), tie('any'), { maxKeys: 4 }),
    })).map;
    fc.assert(
      fc.property(value, value, (first, second) => {
        const known = new WeakSet();
        const before = asStored(first, known);
        expect(JSON.stringify(before)).toBe(JSON.stringify(JSON.parse(JSON.stringify(first))));
        const after = { kept: before, second, again: [before] };
        const stored = asStored(after, known);
        expect(JSON.stringify(stored)).toBe(JSON.stringify(after));
        expect(stored).toEqual(JSON.parse(JSON.stringify(after)));
        expect(stored.kept).toBe(before);
      }),
    );
  });
});
