/**
 * What is read back of a value that was written as JSON text, without writing what lay there before: `known` has the parts
 * that did. A fleet's state names thousands of instances, of which a commit moves one.
 */
export const asStored = <T>(value: T, known: WeakSet<object>): T => readBack(value, known) as T;

function readBack(value: unknown, known: WeakSet<object>): unknown {
  // JSON has no sign for nothing, and no word for what is no number.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== 'object' || value === null || known.has(value)) return value;
  const copy = Array.isArray(value)
    ? value.map((one: unknown) => (one === undefined ? null : readBack(one, known)))
    : Object.fromEntries(
        Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
          one === undefined ? [] : [[key, readBack(one, known)]],
        ),
      );
  known.add(copy);
  return copy;
}
