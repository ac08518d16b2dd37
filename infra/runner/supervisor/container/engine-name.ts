import { createHash } from 'node:crypto';
import type { BundledContainer } from '../../contract.ts';

/** The home of an instance that has its machine, and the engine on it, to itself. */
export const OWN_MACHINE = '/var/lib/sortie';

/** The name of a container on the engine, as `docker ps` shows it: several homes on one machine may share an engine. */
export function engineName(
  container: Pick<BundledContainer, 'name'>,
  submission: string,
  home: string,
): string {
  const own = container.name ?? `sortie-${submission}`;
  if (home === OWN_MACHINE) return own;
  return `${createHash('sha256').update(home).digest('hex').slice(0, 8)}-${own}`;
}
