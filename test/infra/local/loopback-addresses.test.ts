import { expect, test } from 'vitest';
import { loopbackAddresses } from '../../../infra/local/ec2/loopback-addresses.ts';

const LAST = 240 * 256 * 256 - 1;

test('each instance has a loopback address of its own, from anywhere on, and over the end again', () => {
  const addressOf = loopbackAddresses(LAST);
  expect([0, 1, 2, 257].map(addressOf)).toEqual([
    '127.255.255.255',
    '127.16.0.0',
    '127.16.0.1',
    '127.16.1.0',
  ]);
});

test('two embedded AWSes on one machine begin apart', () => {
  const firsts = Array.from({ length: 20 }, () => loopbackAddresses()(1));
  expect(new Set(firsts).size).toBe(20);
});
