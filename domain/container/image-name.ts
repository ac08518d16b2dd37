/** As `docker images` shows it. */
export const shortImageId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/**
 * Whether two names are of one image, as engines complete them: Docker Hub unless a registry is named, `latest` unless a
 * tag is. Podman puts `localhost/` before what has no registry. An id in place of a name says nothing of it.
 */
export function sameImage(one: string, other: string): boolean {
  return isId(one) || isId(other) || whole(one) === whole(other);
}

const isId = (name: string): boolean => /^(sha256:)?[0-9a-f]{64}$/.test(name);

function whole(name: string): string {
  const bare = name.replace(/^(docker\.io|index\.docker\.io|localhost)\//, '').replace(/^library\//, '');
  return /(:[^/:@]+|@[^/@]+)$/.test(bare) ? bare : `${bare}:latest`;
}
