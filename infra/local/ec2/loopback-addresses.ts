import { randomInt } from 'node:crypto';

const ADDRESSES = 240 * 256 * 256;

/**
 * Loopback addresses, one for each instance by its number: of 127.16.0.0 and up, where nothing else is likely to listen.
 * They begin anywhere, since the nodes of two embedded AWSes on one machine may listen on the same port.
 */
export function loopbackAddresses(first: number = randomInt(ADDRESSES)): (instance: number) => string {
  return (instance) => {
    const host = (first + instance) % ADDRESSES;
    return `127.${16 + Math.floor(host / 65_536)}.${Math.floor(host / 256) % 256}.${host % 256}`;
  };
}
