import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import { type AwsError, awsError } from '../wire/aws-error.ts';
import type { Catalogue, InstanceTypeFacts, Market } from './instance-record.ts';
import { knownParameters } from './known-parameters.ts';
import { list, type QueryTree, text, texts } from './query-protocol.ts';
import { invalidCombination, invalidValue, missing, unsupportedInZone } from './refusals.ts';
import { readTags, type Tags } from './tags.ts';

export type LaunchRequest = {
  readonly dryRun: 'yes' | 'no';
  readonly token: { readonly name: string; readonly scope: string; readonly digest: string } | null;
  readonly min: number;
  readonly max: number;
  readonly type: string;
  readonly facts: InstanceTypeFacts;
  /** Where it may go: one zone if the request names it, else those that have the type. */
  readonly zones: readonly string[];
  /** The placement group that it goes into. */
  readonly group: string | null;
  readonly imageId: string;
  readonly market: Market;
  readonly tags: Tags;
  readonly securityGroups: readonly string[];
  readonly profile: string | null;
  readonly keyName: string | null;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly metadata: { readonly httpTokens: string; readonly hopLimit: number };
  readonly userData: string | null;
};

/** A subnet per zone: `subnet-us-east-1a`. */
export const subnetOf = (zone: string): string => `subnet-${zone}`;

const maxUserDataBytes = 16_384;
const maxTokenLength = 64;

/** Reads and checks a RunInstances call, in about the order in which EC2 does. */
export function readLaunch(
  call: QueryTree,
  known: {
    readonly catalogue: Catalogue;
    readonly zones: readonly string[];
    readonly unknownProfiles: readonly string[];
  },
): Result<LaunchRequest, AwsError> {
  const strange = Object.keys(call).find((name) => !knownParameters.has(name));
  if (strange) return fail(awsError('UnknownParameter', `The parameter ${strange} is not recognized`));
  const min = Number(text(call, 'MinCount'));
  const max = Number(text(call, 'MaxCount'));
  const refusal =
    checkImage(text(call, 'ImageId')) ?? checkCounts(call, min, max) ?? checkUserData(text(call, 'UserData'));
  if (refusal) return fail(refusal);

  const type = text(call, 'InstanceType') ?? 'm1.small';
  const facts = known.catalogue(type);
  if (!facts) return fail(invalidValue(`Invalid value '${type}' for InstanceType.`));
  const placement = readPlacement(call, known.zones);
  if (!placement.ok) return placement;
  const sold = known.zones.filter((zone) => facts.zones.includes(zone));
  const zone = placement.value;
  if (zone !== null && !sold.includes(zone)) return fail(unsupportedInZone(type, zone, sold));
  if (sold.length === 0)
    return fail(awsError('Unsupported', `The requested configuration is currently not supported.`));

  const credits = text(call, 'CreditSpecification.CpuCredits');
  if (credits !== undefined && !/^t[234]/.test(type))
    return fail(invalidCombination(`The parameter CreditSpecification is not supported for ${type}.`));
  const market = readMarket(call);
  if (!market.ok) return market;
  const tags = readInstanceTags(call);
  if (!tags.ok) return tags;
  const profile = text(call, 'IamInstanceProfile.Arn') ?? text(call, 'IamInstanceProfile.Name') ?? null;
  if (profile !== null && known.unknownProfiles.includes(profile)) {
    return fail(
      invalidValue(
        `Value (${profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
      ),
    );
  }
  const behavior = text(call, 'InstanceInitiatedShutdownBehavior') ?? 'stop';
  if (behavior !== 'stop' && behavior !== 'terminate') {
    return fail(
      invalidValue(`Value (${behavior}) for parameter instanceInitiatedShutdownBehavior is invalid.`),
    );
  }
  const token = readToken(call, zone);
  if (!token.ok) return token;

  return ok({
    dryRun: text(call, 'DryRun') === 'true' ? 'yes' : 'no',
    token: token.value,
    min,
    max,
    type,
    facts,
    zones: zone === null ? sold : [zone],
    group: text(call, 'Placement.GroupName') ?? null,
    imageId: text(call, 'ImageId') ?? '',
    market: market.value,
    tags: tags.value,
    securityGroups: [...texts(call, 'SecurityGroupId'), ...texts(call, 'NetworkInterface.1.SecurityGroupId')],
    profile,
    keyName: text(call, 'KeyName') ?? null,
    shutdownBehavior: behavior,
    metadata: {
      httpTokens: text(call, 'MetadataOptions.HttpTokens') ?? 'optional',
      hopLimit: Number(text(call, 'MetadataOptions.HttpPutResponseHopLimit') ?? 1),
    },
    userData: text(call, 'UserData') ?? null,
  });
}

function checkImage(image: string | undefined): AwsError | undefined {
  if (image === undefined || image === '') return missing('ImageId');
  if (/^resolve:ssm:[\w./:-]+$/.test(image) || /^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(image))
    return undefined;
  return awsError('InvalidAMIID.Malformed', `Invalid id: "${image}" (expecting "ami-...")`);
}

function checkCounts(call: QueryTree, min: number, max: number): AwsError | undefined {
  for (const name of ['MinCount', 'MaxCount']) if (text(call, name) === undefined) return missing(name);
  for (const [name, value] of [
    ['minCount', min],
    ['maxCount', max],
  ] as const) {
    if (!Number.isInteger(value) || value < 1) {
      return invalidValue(`Value (${value}) for parameter ${name} is invalid. Must be a positive integer.`);
    }
  }
  if (min > max) return invalidCombination(`Invalid instance count: min ${min} exceeds max ${max}.`);
  return undefined;
}

function checkUserData(encoded: string | undefined): AwsError | undefined {
  if (encoded === undefined) return undefined;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(encoded))
    return invalidValue('Invalid BASE64 encoding of user data');
  if (Buffer.from(encoded, 'base64').length <= maxUserDataBytes) return undefined;
  return invalidValue(`User data is limited to ${maxUserDataBytes} bytes`);
}

/** The zone that the request names, by subnet or placement, or null. */
function readPlacement(call: QueryTree, zones: readonly string[]): Result<string | null, AwsError> {
  const own = text(call, 'SubnetId');
  const ofInterface = text(call, 'NetworkInterface.1.SubnetId');
  if (own !== undefined && list(call, 'NetworkInterface').length > 0) {
    return fail(
      invalidCombination(
        'Network interfaces and an instance-level subnet ID may not be specified on the same request',
      ),
    );
  }
  const subnet = own ?? ofInterface;
  const placed = text(call, 'Placement.AvailabilityZone');
  if (placed !== undefined && !zones.includes(placed)) {
    return fail(invalidValue(`Invalid availability zone: [${placed}]`));
  }
  if (subnet === undefined) return ok(placed ?? null);
  const zone = zones.find((candidate) => subnetOf(candidate) === subnet);
  if (!zone) return fail(awsError('InvalidSubnetID.NotFound', `The subnet ID '${subnet}' does not exist`));
  if (placed !== undefined && placed !== zone) {
    return fail(
      invalidValue(`The availability zones '${placed}' and '${zone}' of the subnet '${subnet}' do not match`),
    );
  }
  return ok(zone);
}

function readMarket(call: QueryTree): Result<Market, AwsError> {
  if (call['InstanceMarketOptions'] === undefined) return ok('on-demand');
  const market = text(call, 'InstanceMarketOptions.MarketType');
  if (market !== 'spot')
    return fail(invalidValue(`Invalid value '${market ?? ''}' for InstanceMarketOptions.MarketType`));
  const price = text(call, 'InstanceMarketOptions.SpotOptions.MaxPrice');
  if (price !== undefined && !(Number(price) > 0))
    return fail(invalidValue(`Invalid value '${price}' for SpotPrice.`));
  return ok('spot');
}

function readInstanceTags(call: QueryTree): Result<Tags, AwsError> {
  let tags: Tags = {};
  for (const specification of list(call, 'TagSpecification')) {
    const read = readTags(specification);
    if (!read.ok) return read;
    if (text(specification, 'ResourceType') === 'instance') tags = { ...tags, ...read.value };
  }
  return ok(tags);
}

/** Zonal when the request names a zone, else regional: ec2-api-idempotency in the EC2 developer guide. */
function readToken(call: QueryTree, zone: string | null): Result<LaunchRequest['token'], AwsError> {
  const name = text(call, 'ClientToken');
  if (name === undefined || name === '') return ok(null);
  if (name.length > maxTokenLength) {
    return fail(invalidValue(`Length of clientToken exceeds the maximum of ${maxTokenLength} characters`));
  }
  const { ClientToken: _, Placement: __, SubnetId: ___, DryRun: ____, ...compared } = call;
  const group = text(call, 'Placement.GroupName');
  const request = group === undefined ? compared : { ...compared, group };
  const digest = createHash('sha256').update(canonical(request)).digest('hex');
  return ok({ name, scope: zone ?? 'region', digest });
}

function canonical(node: unknown): string {
  if (typeof node !== 'object' || node === null) return JSON.stringify(node);
  const entries = Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`).join(',')}}`;
}
