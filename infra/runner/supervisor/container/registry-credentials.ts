import * as fs from 'node:fs';
import { join } from 'node:path';
import type { BundledContainer } from '../../contract.ts';

/**
 * A client's configuration with the credentials of one registry, as its `login` would write it, which would ask for the
 * user name on a command line. Only the agent can read it; it is there for as long as the pull takes.
 */
export async function withCredentials<T>(
  directory: string,
  image: string,
  { username, password }: NonNullable<BundledContainer['registry_auth']>,
  use: (config: string) => Promise<T>,
): Promise<T> {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  fs.mkdirSync(directory, { mode: 0o700 });
  try {
    const auths = { [registryOf(image) ?? 'https://index.docker.io/v1/']: { auth } };
    fs.writeFileSync(join(directory, 'config.json'), JSON.stringify({ auths }), { mode: 0o600 });
    return await use(directory);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** A name's first part is a host only if it looks like one; null: Docker Hub. */
export function registryOf(image: string): string | null {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost && first !== 'docker.io' ? first : null;
}
