const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_BITS = 80n;

/**
 * Makes ULIDs, 26 lower-case characters: 48 bits of milliseconds, then 80 of chance. Each is greater than the one before,
 * in the same millisecond and when the clock steps back, so that lists keep the order of creation.
 */
export function ulids(now: () => number, randomBytes: (count: number) => Uint8Array): () => string {
  let last = 0n;
  return () => {
    const chance = BigInt(`0x${Buffer.from(randomBytes(10)).toString('hex')}`);
    const fresh = (BigInt(now()) << RANDOM_BITS) | chance;
    last = fresh >> RANDOM_BITS > last >> RANDOM_BITS ? fresh : last + 1n;
    return Array.from(
      { length: 26 },
      (_, index) => CROCKFORD[Number((last >> (5n * BigInt(25 - index))) & 31n)],
    ).join('');
  };
}
