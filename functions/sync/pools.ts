import { type Pool, poolsIn } from '../../domain/coordination/live-instances.ts';
import type { Reactive } from '../react/ports.ts';

/** Read once, however many ask. */
export function poolsOnce(on: Reactive): Pool {
  const read = new Map<string, ReturnType<Pool>>();
  const pool = poolsIn(on.store);
  return (fleet) => {
    const known = read.get(fleet) ?? pool(fleet);
    read.set(fleet, known);
    return known;
  };
}
