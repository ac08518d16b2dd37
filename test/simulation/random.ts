/** Chance from a seed, a sequence of its own for each purpose: leaving one thing out changes nothing of another. */
export function randomOf(seed: number, purpose: string): () => number {
  let state = hash(`${seed} ${purpose}`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return mixed(state);
  };
}

/** One number, always the same for the same name. */
export const randomFor = (seed: number, name: string): number => mixed(hash(`${seed} ${name}`) + 0x6d2b79f5);

/** mulberry32: small, even enough for tests, and the same everywhere. */
function mixed(state: number): number {
  let bits = Math.imul(state ^ (state >>> 15), 1 | state);
  bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
  return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
}

/** FNV-1a. */
function hash(text: string): number {
  let hashed = 0x811c9dc5;
  for (const character of text) hashed = Math.imul(hashed ^ character.charCodeAt(0), 0x01000193);
  return hashed >>> 0;
}
