import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = (): string => process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');

/**
 * A folder of the user's cache with tools in it, made once per content of `pins`. One that `make` did not finish is made
 * again from nothing.
 */
export async function toolFolder(
  name: string,
  pins: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash('sha256').update(pins.join('\0')).digest('hex').slice(0, 12);
  const folder = join(cache(), 'sortie-conformance', `${name}-${digest}`);
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`installing ${name} into ${folder}\n`);
  await make(folder);
  writeFileSync(complete, '');
  return folder;
}
