import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { InstanceType } from '../../../domain/planning/catalogue.ts';
import type { AwsError } from '../wire/aws-error.ts';
import type { WireReply } from '../wire/http.ts';
import type { AccountRegion } from './account-region.ts';
import { answerXml, list, type QueryTree, refuseXml, text, texts, type XmlValue } from './query-protocol.ts';
import { invalidValue, missing, unknownType } from './refusals.ts';

type Calls = Readonly<Record<string, (call: QueryTree) => WireReply>>;

/** What EC2 has in this region, and at which spot prices: the calls that a catalogue is made from. */
export function describeRegion(region: AccountRegion, now: () => number): Calls {
  const byName = new Map(region.types.map((type) => [type.name, type]));
  const xml = new Map<string, XmlValue>();

  return {
    DescribeAvailabilityZones: (call) => {
      const { localZone } = region;
      const all = [
        ...region.zones.map((zone) => zoneXml(zone, region.region, 'availability-zone')),
        zoneXml(localZone, region.region, 'local-zone'),
      ];
      const found = filtered(all, call, {
        'zone-name': ({ zoneName }) => zoneName,
        'zone-id': ({ zoneId }) => zoneId,
        'zone-type': ({ zoneType }) => zoneType,
        state: ({ zoneState }) => zoneState,
        'opt-in-status': ({ optInStatus }) => optInStatus,
      });
      if (!found.ok) return refuseXml(found.error);
      const [names, ids] = [texts(call, 'ZoneName'), texts(call, 'ZoneId')];
      const wanted = found.value.filter(
        ({ zoneName, zoneId }) =>
          (names.length === 0 || names.includes(zoneName)) && (ids.length === 0 || ids.includes(zoneId)),
      );
      return answerXml('DescribeAvailabilityZones', { availabilityZoneInfo: wanted });
    },

    DescribeInstanceTypes: (call) => {
      const named = texts(call, 'InstanceType');
      if (named.length > 100) return refuseXml(invalidValue('The maximum number of instance types is 100.'));
      const strange = named.filter((name) => !byName.has(name));
      if (strange.length > 0) return refuseXml(unknownType(strange));
      const types = named.length > 0 ? named.flatMap((name) => byName.get(name) ?? []) : region.types;
      const page = pageOf(types, call, { least: 5, most: 100 });
      if (!page.ok) return refuseXml(page.error);
      const instanceTypeSet = page.value.items.map((type) => {
        const known = xml.get(type.name) ?? typeXml(type, region);
        xml.set(type.name, known);
        return known;
      });
      return answerXml('DescribeInstanceTypes', { instanceTypeSet, nextToken: page.value.next });
    },

    DescribeInstanceTypeOfferings: (call) => {
      const by = text(call, 'LocationType') ?? 'region';
      const locations = locationsBy(by, region);
      if (locations === null)
        return refuseXml(invalidValue(`The location type '${by}' is invalid or not supported`));
      const offerings = region.types.flatMap((type) =>
        locations(type).map((location) => ({ instanceType: type.name, locationType: by, location })),
      );
      const found = filtered(offerings, call, {
        'instance-type': ({ instanceType }) => instanceType,
        location: ({ location }) => location,
      });
      if (!found.ok) return refuseXml(found.error);
      const page = pageOf(found.value, call, { least: 5, most: 1_000 });
      if (!page.ok) return refuseXml(page.error);
      return answerXml('DescribeInstanceTypeOfferings', {
        instanceTypeOfferingSet: page.value.items,
        nextToken: page.value.next,
      });
    },

    // The history of this EC2 is short: each price has been in force for ten minutes.
    DescribeSpotPriceHistory: (call) => {
      const products = texts(call, 'ProductDescription');
      const timestamp = new Date(now() - 600_000);
      const prices = products.some((one) => one !== 'Linux/UNIX')
        ? []
        : region.types.flatMap((type) =>
            type.zones.flatMap((availabilityZone, index) => {
              const price = region.spotPrice(type, index);
              if (price === null) return [];
              return [{ instanceType: type.name, price, availabilityZone }];
            }),
          );
      const page = pageOf(prices, call, { least: 1, most: 1_000 });
      if (!page.ok) return refuseXml(page.error);
      // At the end EC2 gives an empty token, not none.
      return answerXml('DescribeSpotPriceHistory', {
        spotPriceHistorySet: page.value.items.map(({ instanceType, price, availabilityZone }) => ({
          ...{ instanceType, productDescription: 'Linux/UNIX', availabilityZone, timestamp },
          spotPrice: price.toFixed(6),
        })),
        nextToken: page.value.next ?? '',
      });
    },
  };
}

function zoneXml(
  { name, id }: AccountRegion['zones'][number],
  region: string,
  zoneType: 'availability-zone' | 'local-zone',
) {
  const optInStatus = zoneType === 'local-zone' ? 'opted-in' : 'opt-in-not-required';
  const groupName = zoneType === 'local-zone' ? name.replace(/[a-z]$/, '') : `${region}-zg-1`;
  return {
    ...{ zoneName: name, zoneId: id, zoneType, optInStatus, groupName },
    ...{ zoneState: 'available', regionName: region, networkBorderGroup: groupName },
  };
}

function locationsBy(by: string, region: AccountRegion): ((type: InstanceType) => string[]) | null {
  const idOf = new Map(region.zones.map(({ name, id }) => [name, id]));
  const local = region.localZone;
  switch (by) {
    case 'region':
      return () => [region.region];
    case 'availability-zone':
      return ({ name, zones }) => [...zones, ...(local.types.includes(name) ? [local.name] : [])];
    case 'availability-zone-id':
      return ({ name, zones }) => [
        ...zones.map((zone) => idOf.get(zone) ?? ''),
        ...(local.types.includes(name) ? [local.id] : []),
      ];
    default:
      return null;
  }
}

/** The fields of DescribeInstanceTypes that anybody here reads. */
function typeXml(type: InstanceType, region: AccountRegion): XmlValue {
  const has = (trait: InstanceType['traits'][number]) => type.traits.includes(trait);
  const usage = [
    ...(type.onDemandPrice === null ? [] : ['on-demand']),
    ...(type.zones.some((_, zone) => region.spotPrice(type, zone) !== null) ? ['spot'] : []),
  ];
  const { gpu } = type;
  return {
    instanceType: type.name,
    currentGeneration: String(!has('previous-generation')),
    supportedUsageClasses: usage,
    bareMetal: String(has('bare-metal')),
    processorInfo: { supportedArchitectures: type.architectures },
    vCpuInfo: { defaultVCpus: type.vcpus },
    memoryInfo: { sizeInMiB: type.memoryMib },
    gpuInfo: gpu
      ? {
          gpus: [
            {
              ...{ name: gpu.name, manufacturer: manufacturers[gpu.vendor] ?? gpu.vendor, count: gpu.count },
              memoryInfo: { sizeInMiB: gpu.memoryMib },
            },
          ],
        }
      : undefined,
    placementGroupInfo: {
      supportedStrategies: [...(has('unclustered') ? [] : ['cluster']), 'partition', 'spread'],
    },
    burstablePerformanceSupported: String(has('burstable')),
  };
}

const manufacturers: Readonly<Record<string, string>> = { nvidia: 'NVIDIA', amd: 'AMD', intel: 'Habana' };

function filtered<T>(
  items: readonly T[],
  call: QueryTree,
  known: Readonly<Record<string, (item: T) => string>>,
): Result<readonly T[], AwsError> {
  let found = items;
  for (const filter of list(call, 'Filter')) {
    const name = text(filter, 'Name') ?? '';
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    if (value === undefined) return fail(invalidValue(`The filter '${name}' is invalid`));
    const values = texts(filter, 'Value');
    if (values.length === 0) return fail(missing(`Filter.${name}.Value`));
    found = found.filter((item) => values.includes(value(item)));
  }
  return ok(found);
}

function pageOf<T>(
  items: readonly T[],
  call: QueryTree,
  { least, most }: { readonly least: number; readonly most: number },
): Result<{ readonly items: readonly T[]; readonly next: string | undefined }, AwsError> {
  const size = Number(text(call, 'MaxResults') ?? most);
  if (!(size >= least && size <= most))
    return fail(
      invalidValue(
        `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between ${least} and ${most}.`,
      ),
    );
  const token = text(call, 'NextToken');
  const [, after = token === undefined ? '0' : undefined] =
    /^page:(\d+)$/.exec(Buffer.from(token ?? '', 'base64url').toString()) ?? [];
  if (after === undefined) return fail(invalidValue('Unable to parse pagination token'));
  const end = Number(after) + size;
  const next = end < items.length ? Buffer.from(`page:${end}`).toString('base64url') : undefined;
  return ok({ items: items.slice(Number(after), end), next });
}
