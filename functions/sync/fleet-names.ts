import { fleetList } from '../../domain/fleet/stream.ts';
import type { Reactive } from '../react/ports.ts';

/** All fleets of the deployment. */
export async function fleetNames(on: Reactive): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await on.store.list(fleetList('main'), 100, cursor);
    if (page === 'bad-cursor') throw new Error('the fleet list refused its own cursor');
    names.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return names;
}
