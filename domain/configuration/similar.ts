/** The candidate that `word` is most likely a slip of, or `null`. Case, `_` and `-` do not count. */
export const similar = (word: string, candidates: readonly string[]): string | null =>
  mostSimilar(word, candidates)[0] ?? null;

/** All candidates that are equally near to `word`, in their order: `A10` may be meant for `A100` or for `A10G`. */
export function mostSimilar(word: string, candidates: readonly string[]): string[] {
  const plain = bare(word);
  // Beyond this nobody mistypes, and the distance costs the product of both lengths.
  if (plain.length < 2 || plain.length > 40) return [];
  const allowed = Math.min(3, Math.max(1, Math.floor(plain.length / 3)));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(plain, bare(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined || best.distance > allowed) return [];
  return ranked.flatMap(({ candidate, distance: its }) => (its === best.distance ? [candidate] : []));
}

const bare = (text: string): string => text.toLowerCase().replace(/[-_\s]/g, '');

/** Edits between two words (Levenshtein): insertions, deletions, substitutions. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
