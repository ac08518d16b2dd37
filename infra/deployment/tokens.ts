import { createHash, randomBytes } from 'node:crypto';

/** Who may call a deployment's API, by name and the hash of the token: the parameter `tokens`. */
export type Hashes = ReadonlyMap<string, string>;

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** 256 bits, with a prefix that secret scanners can look for. */
export const newToken = (): string => `sortie_${randomBytes(32).toString('base64url')}`;

export function readHashes(text: string): Hashes {
  const pairs = text.split(',').filter((one) => one !== '');
  return new Map(pairs.map((one) => [one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 1)]));
}

export const writeHashes = (hashes: Hashes): string =>
  [...hashes].map(([name, sha256]) => `${name}:${sha256}`).join(',');

/** With a token more: under `name`, or, where somebody else has that, under `name` at this machine. */
export function admit(
  hashes: Hashes,
  token: string,
  name: string,
  machine: string,
): { hashes: Hashes; name: string } {
  const sha256 = hashOf(token);
  const known = [...hashes].find(([, hash]) => hash === sha256);
  if (known !== undefined) return { hashes, name: known[0] };
  const free = hashes.has(name) ? `${name}@${machine}` : name;
  return { hashes: new Map([...hashes, [free, sha256]]), name: free };
}
