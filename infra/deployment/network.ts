import type { Network, RouteTable, Subnet } from './account.ts';

/** A subnet that instances are launched in, and how they get out: they have to reach SSM, S3 and the API. */
export interface Chosen {
  readonly zone: string;
  readonly subnet: string;
  readonly wayOut: WayOut;
}

/**
 * `public`: an address of their own. `nat`: through a NAT or another gateway. `no address`: there is an internet gateway,
 * and the subnet gives no public address to use it with. `none`: no route at all.
 */
export type WayOut = 'public' | 'nat' | 'no address' | 'none';

const ORDER: readonly WayOut[] = ['public', 'nat', 'no address', 'none'];

export const leadsOut = ({ wayOut }: Chosen): boolean => wayOut === 'public' || wayOut === 'nat';

/** Of each zone the subnet with the best way out, then with the most free addresses. */
export function bestByZone({ subnets, routeTables }: Network): Chosen[] {
  const rated = subnets
    .map((subnet) => ({ subnet, wayOut: wayOutOf(subnet, routeTables) }))
    .sort(
      (a, b) =>
        ORDER.indexOf(a.wayOut) - ORDER.indexOf(b.wayOut) || b.subnet.freeAddresses - a.subnet.freeAddresses,
    );
  const zones = [...new Set(rated.map(({ subnet }) => subnet.zone))].sort();
  return zones.flatMap((zone) => {
    const best = rated.find(({ subnet }) => subnet.zone === zone);
    return best ? [{ zone, subnet: best.subnet.id, wayOut: best.wayOut }] : [];
  });
}

function wayOutOf(subnet: Subnet, tables: readonly RouteTable[]): WayOut {
  const table =
    tables.find(({ subnets }) => subnets.includes(subnet.id)) ??
    tables.find(({ main, vpc }) => main && vpc === subnet.vpc);
  const route = table?.defaultRoute ?? null;
  if (route === null) return 'none';
  if (!route.startsWith('igw-')) return 'nat';
  return subnet.givesPublicAddress ? 'public' : 'no address';
}

/** What an operator should know before instances are launched there; nothing: all is well. */
export function warningsOf(chosen: readonly Chosen[]): string[] {
  return chosen.flatMap(({ zone, subnet, wayOut }) => {
    switch (wayOut) {
      case 'public':
      case 'nat':
        return [];
      case 'no address':
        return [
          `${subnet} (${zone}) gives instances no public address, and its route is to an internet gateway: they reach nothing. Turn on auto-assign public IPv4, or route it to a NAT gateway`,
        ];
      case 'none':
        return [
          `${subnet} (${zone}) has no route out: instances cannot report to the API, which is on the internet. Give it a NAT gateway (VPC endpoints alone do not reach an HTTP API)`,
        ];
    }
  });
}

/** For the parameter `subnets`. */
export const written = (chosen: readonly Chosen[]): string =>
  chosen.map(({ zone, subnet }) => `${zone}=${subnet}`).join(',');
