/**
 * Work under way in this process, by key: who asks for the same meanwhile gets the same answer. A doorbell often comes
 * while the invocation that rang it is still at the very thing it asks for.
 */
export function sharing<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key, work) => {
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const started = work().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
