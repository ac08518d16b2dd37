import { createHash } from 'node:crypto';
import type { BundledContainer } from '../../contract.ts';

/** The home of an instance that has its machine, and the engine on it, to itself. */
export const OWN_MACHINE = '/var/lib/sortie';

/** What its user calls a container. */
export const ownName = ({ name }: Pick<BundledContainer, 'name'>, submission: string): string =>
  name ?? `sortie-${submission}`;

/** What the engine knows a container by: several homes on one machine may share it. */
export function engineName(
  container: Pick<BundledContainer, 'name'>,
  submission: string,
  home: string,
): string {
  const own = ownName(container, submission);
  if (home === OWN_MACHINE) return own;
  return `${createHash('sha256').update(home).digest('hex').slice(0, 8)}-${own}`;
}
