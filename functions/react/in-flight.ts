/**
 * Work under way in this process, which is known by its ports, by key: who asks for the same meanwhile gets the same
 * answer. A doorbell often comes while the invocation that rang it is still at the very thing it asks for.
 */
export function sharing<T>(): (process: object, key: string, work: () => Promise<T>) => Promise<T> {
  const processes = new WeakMap<object, Map<string, Promise<T>>>();
  return (process, key, work) => {
    const underWay = processes.get(process) ?? new Map<string, Promise<T>>();
    processes.set(process, underWay);
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const started = work().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
