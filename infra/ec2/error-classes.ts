import type { Refusal } from '../../domain/job/events.ts';

/**
 * What an error of EC2 comes to. `unclassified`: it launched nothing, and nobody knows whether another offer would fare
 * better. `over`: the token's instance was launched and has ended since. `consistency`: what was made a moment ago is not
 * known everywhere yet. `unknown`: nobody can tell whether anything was launched.
 */
export type Ec2ErrorClass =
  | 'capacity'
  | 'quota'
  | 'network'
  | 'throttle'
  | 'consistency'
  | 'over'
  | 'fatal'
  | 'unclassified'
  | 'unknown';

export interface Ec2Error {
  readonly class: Ec2ErrorClass;
  readonly code: string;
  readonly message: string;
}

// Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
// A client error refuses before anything is launched, and so do the Insufficient… ones, which come with status 500.
// `fatal` is only what every offer would be told.
const classes: Readonly<Record<string, Ec2ErrorClass>> = {
  InsufficientInstanceCapacity: 'capacity',
  InsufficientHostCapacity: 'capacity',
  InsufficientReservedInstanceCapacity: 'capacity',
  InsufficientReservedInstancesCapacity: 'capacity',
  InsufficientCapacity: 'capacity',
  InsufficientVolumeCapacity: 'capacity',
  UnfulfillableCapacity: 'capacity',
  SpotMaxPriceTooLow: 'capacity',
  ReservationCapacityExceeded: 'capacity',
  VolumeTypeNotAvailableInZone: 'capacity',
  // Of a placement group: instances of it are in another zone, and are still ending.
  'InvalidPlacementGroup.InUse': 'capacity',
  // Old instance types boot from no such volume, and take no encrypted one.
  BootForVolumeTypeUnsupported: 'capacity',
  EncryptedVolumesNotSupported: 'capacity',
  // The account has no service-linked role for spot, and Sortie may not create it: on-demand needs none.
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html
  'AuthFailure.ServiceLinkedRoleCreationNotPermitted': 'capacity',

  VcpuLimitExceeded: 'quota',
  InstanceLimitExceeded: 'quota',
  MaxSpotInstanceCountExceeded: 'quota',
  VolumeLimitExceeded: 'quota',
  MaxIOPSLimitExceeded: 'quota',
  ResourceCountExceeded: 'quota',
  RequestResourceCountExceeded: 'quota',
  NetworkInterfaceLimitExceeded: 'quota',

  InsufficientFreeAddressesInSubnet: 'network',
  PrivateIpAddressLimitExceeded: 'network',
  'InvalidZone.NotFound': 'network',

  RequestLimitExceeded: 'throttle',
  EC2ThrottledException: 'throttle',
  RequestThrottled: 'throttle',
  RequestThrottledException: 'throttle',
  ThrottledException: 'throttle',
  TooManyRequestsException: 'throttle',
  SlowDown: 'throttle',

  'InvalidInstanceID.NotFound': 'consistency',
  // A group that was created a moment ago.
  'InvalidPlacementGroup.Unknown': 'consistency',
  IdempotentInstanceTerminated: 'over',

  UnauthorizedOperation: 'fatal',
  AccessDenied: 'fatal',
  AccessDeniedException: 'fatal',
  AuthFailure: 'fatal',
  OptInRequired: 'fatal',
  PendingVerification: 'fatal',
  Blocked: 'fatal',
  UnknownParameter: 'fatal',
  UnknownVolumeType: 'fatal',
  ValidationError: 'fatal',
  CustomerKeyHasBeenRevoked: 'fatal',
  PlacementGroupLimitExceeded: 'fatal',
  TagLimitExceeded: 'fatal',
  TagPolicyViolation: 'fatal',
  DefaultVpcDoesNotExist: 'fatal',
  VPCIdNotSpecified: 'fatal',
  VPCResourceNotSpecified: 'fatal',
  'InvalidGroup.NotFound': 'fatal',
  'InvalidSecurityGroupID.NotFound': 'fatal',
  'InvalidSecurityGroupID.Malformed': 'fatal',
  'InvalidUserData.Malformed': 'fatal',
  'InvalidTagKey.Malformed': 'fatal',
  'InvalidKeyPair.NotFound': 'fatal',
  'InvalidPlacementGroup.Duplicate': 'fatal',

  // The token was used with another request, and may have launched it.
  IdempotentParameterMismatch: 'unknown',
};

const families: readonly (readonly [RegExp, Ec2ErrorClass])[] = [
  [/^Throttl/, 'throttle'],
  // The type is not sold in the zone, or not with this market, tenancy or image.
  [/^Unsupported/, 'capacity'],
  [/^InvalidSubnet/, 'network'],
  [/^AuthFailure\./, 'fatal'],
  // Credentials, not the launch: it may well be made again with others.
  [/^(InvalidClientTokenId|InvalidSignature|MissingAuthenticationToken|SignatureDoesNotMatch)/, 'unknown'],
  [/^(ExpiredToken|RequestExpired|IncompleteSignature|UnrecognizedClient)/, 'unknown'],
  [/^(Missing|Malformed)/, 'fatal'],
  // Of the offer, its image, its zone's subnet, or of all: nobody can tell from the code.
  [/^Invalid/, 'unclassified'],
];

/**
 * Codes that say something else each time: their words decide, as seen on the wire. `InvalidParameterValue` with words that
 * are not here is unclassified.
 */
const wordings: readonly { codes: RegExp; words: RegExp; class: Ec2ErrorClass; seen: string }[] = [
  {
    codes: /^InvalidParameterValue$/,
    words: /invalid iam instance profile|has no associated iam roles/i,
    class: 'consistency', // IAM's instance profiles take seconds to reach EC2.
    seen: 'https://github.com/hashicorp/terraform/issues/15341',
  },
  {
    codes: /^InvalidParameterCombination$/,
    words: /not eligible for free tier/i,
    class: 'capacity',
    seen: 'https://github.com/splunk/attack_range/issues/1302',
  },
  {
    codes: /^InvalidParameter(Combination|Value)$/,
    words: /virtualization type '?\w+'? is (required|not supported)/i,
    class: 'capacity',
    seen: 'https://github.com/BD2KGenomics/cgcloud/issues/10',
  },
  {
    codes: /^InvalidParameter(Combination|Value)$/,
    words: /enhanced networking with the elastic network adapter \(ena\) is required/i,
    class: 'capacity',
    seen: 'https://github.com/vantage-sh/ec2instances.info/issues/409',
  },
  {
    codes: /^InvalidParameter(Combination|Value)$/,
    words: /architecture .* does not match the architecture/i,
    class: 'capacity',
    seen: 'https://github.com/skypilot-org/skypilot/issues/6315',
  },
  {
    codes: /^InvalidParameter(Combination|Value)$/,
    words: /boot mode/i,
    class: 'capacity',
    seen: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html',
  },
  {
    codes: /^InvalidParameter(Combination|Value)$/,
    words: /placement groups are not supported by the/i,
    class: 'capacity',
    seen: 'https://github.com/dstackai/dstack/issues/2872',
  },
  {
    codes: /^InvalidParameterValue$/,
    words: /invalid value '[^']*' for instancetype/i,
    class: 'capacity', // The catalogue has a type that this region has not, or has no more.
    seen: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html',
  },
  {
    codes: /^(InvalidInput|InvalidSubnetID\.NotFound|InvalidParameterValue)$/,
    words: /no default subnet for availability zone/i,
    class: 'network',
    seen: 'https://github.com/hashicorp/terraform-provider-aws/issues/4869',
  },
  {
    codes: /^InvalidParameterValue$/,
    words: /invalid availability zone|\(([a-z0-9-]+)\) for parameter availabilityzone is invalid/i,
    class: 'network', // Zones are named by account: another has no `us-east-1e`.
    seen: 'https://github.com/remind101/empire/issues/753',
  },
  {
    codes: /^MissingInput$/,
    words: /no subnets found for the default vpc/i,
    class: 'fatal',
    seen: 'https://github.com/terraform-aws-modules/terraform-aws-ec2-instance/issues/50',
  },
  {
    codes: /^UnauthorizedOperation$/,
    words: /explicit deny/i,
    class: 'unclassified', // Organizations deny single types or regions so.
    seen: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html',
  },
];

export function classifyEc2Error(error: unknown): Ec2Error {
  if (!(error instanceof Error)) return { class: 'unknown', code: 'Unknown', message: String(error) };
  const { name: code, message } = error;
  return { class: known(code, message) ?? (isOfClient(error) ? 'unclassified' : 'unknown'), code, message };
}

function known(code: string, message: string): Ec2ErrorClass | undefined {
  const worded = wordings.find(({ codes, words }) => codes.test(code) && words.test(message));
  if (worded) return worded.class;
  if (Object.hasOwn(classes, code)) return classes[code];
  return families.find(([form]) => form.test(code))?.[1];
}

/** EC2 read the request and refused it: nothing was launched, whatever the code. */
function isOfClient(error: Error): boolean {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? Number(metadata.httpStatusCode)
      : 0;
  return status >= 400 && status < 500;
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
const ends: Readonly<Record<string, Refusal['class']>> = {
  'Server.InsufficientInstanceCapacity': 'capacity',
  'Server.SpotInstanceTermination': 'capacity',
  'Server.SpotInstanceShutdown': 'capacity',
  'Server.InternalError': 'boot',
  'Server.ScheduledStop': 'boot',
  'Client.VolumeLimitExceeded': 'quota',
  // Mostly a KMS key that may not be used: https://github.com/aws/karpenter-provider-aws/issues/1407
  'Client.InternalError': 'unclassified',
  'Client.InvalidSnapshot.NotFound': 'unclassified',
};

// Somebody asked for these, through the API or on the instance.
const asked = /^Client\.(UserInitiated|InstanceInitiated|InstanceTerminated)/;

/** Why EC2 ended or stopped an instance, from its `StateReason`; null: it lives, or its end was asked for. */
export function endOf(
  state: string,
  reason: { readonly Code?: string | undefined; readonly Message?: string | undefined } | undefined,
): Refusal | null {
  const { Code: code = '', Message = '' } = reason ?? {};
  if (state === 'pending' || state === 'running' || !/^(Server|Client)\./.test(code) || asked.test(code))
    return null;
  // EC2 begins the message with the code once more.
  const message = Message.startsWith(`${code}: `) ? Message.slice(code.length + 2) : Message;
  return { class: Object.hasOwn(ends, code) ? (ends[code] ?? 'boot') : 'boot', code, message };
}
