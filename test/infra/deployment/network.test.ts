import { describe, expect, test } from 'vitest';
import type { RouteTable, Subnet } from '../../../infra/deployment/account.ts';
import { bestByZone, leadsOut, warningsOf, written } from '../../../infra/deployment/network.ts';

const subnet = (id: string, zone: string, more: Partial<Subnet> = {}): Subnet => ({
  ...{ id, vpc: 'vpc-1', zone, freeAddresses: 10, givesPublicAddress: true },
  ...more,
});
const table = (defaultRoute: string | null, subnets: string[] | 'main' = 'main'): RouteTable => ({
  ...{ vpc: 'vpc-1', main: subnets === 'main', subnets: subnets === 'main' ? [] : subnets },
  defaultRoute,
});

describe('the subnet of a zone', () => {
  test.each([
    ['an internet gateway and public addresses', 'igw-1', true, 'public'],
    ['an internet gateway, and no public address', 'igw-1', false, 'no address'],
    ['a NAT gateway', 'nat-1', false, 'nat'],
    ['a transit gateway', 'tgw-1', false, 'nat'],
    ['no route', null, true, 'none'],
  ])('with %s', (_, route, givesPublicAddress, wayOut) => {
    const subnets = [subnet('subnet-a', 'us-east-1a', { givesPublicAddress })];
    expect(bestByZone({ subnets, routeTables: [table(route)] })).toEqual([
      { zone: 'us-east-1a', subnet: 'subnet-a', wayOut },
    ]);
  });

  test('has the route table of its own before the main one', () => {
    const subnets = [subnet('subnet-a', 'us-east-1a'), subnet('subnet-b', 'us-east-1b')];
    const routeTables = [table('igw-1'), table(null, ['subnet-a'])];
    const best = bestByZone({ subnets, routeTables });
    expect(best.map(({ wayOut }) => wayOut)).toEqual(['none', 'public']);
    expect(best.filter(leadsOut).map((one) => one.subnet)).toEqual(['subnet-b']);
  });

  test('is the one with the best way out, then with the most free addresses', () => {
    const subnets = [
      subnet('private', 'us-east-1a', { freeAddresses: 4_000 }),
      subnet('full', 'us-east-1a', { freeAddresses: 3 }),
      subnet('roomy', 'us-east-1a', { freeAddresses: 200 }),
    ];
    const best = bestByZone({ subnets, routeTables: [table('igw-1'), table(null, ['private'])] });
    expect(written(best)).toBe('us-east-1a=roomy');
  });
});

test('a warning names the subnet, its zone, and the remedy', () => {
  const warnings = warningsOf([
    { zone: 'us-east-1a', subnet: 'subnet-a', wayOut: 'none' },
    { zone: 'us-east-1b', subnet: 'subnet-b', wayOut: 'no address' },
    { zone: 'us-east-1c', subnet: 'subnet-c', wayOut: 'nat' },
  ]);
  expect(warnings).toEqual([
    expect.stringMatching(/subnet-a \(us-east-1a\) has no route out.*NAT gateway/),
    expect.stringMatching(/subnet-b \(us-east-1b\).*auto-assign public IPv4/),
  ]);
});
