/**
 * What an error of EC2 comes to. `over`: the token's instance was launched and has ended since. `consistency`: what was made a
 * moment ago is not known everywhere yet. `unknown`: nobody can tell whether anything was launched.
 */
export type Ec2ErrorClass =
  | 'capacity'
  | 'quota'
  | 'network'
  | 'throttle'
  | 'consistency'
  | 'over'
  | 'fatal'
  | 'unknown';

export interface Ec2Error {
  readonly class: Ec2ErrorClass;
  readonly code: string;
  readonly message: string;
}

// Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
// A client error refuses before anything is launched, and so do the Insufficient… ones, which come with status 500.
const classes: Readonly<Record<string, Exclude<Ec2ErrorClass, 'unknown'>>> = {
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
  // The type is not sold in the zone, or not with this market or image: another offer may do.
  Unsupported: 'capacity',
  UnsupportedOperation: 'capacity',
  // Of a placement group: instances of it are in another zone, and are still ending.
  'InvalidPlacementGroup.InUse': 'capacity',

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
  AuthFailure: 'fatal',
  OptInRequired: 'fatal',
  PendingVerification: 'fatal',
  Blocked: 'fatal',
  UnknownParameter: 'fatal',
  UnknownVolumeType: 'fatal',
  ValidationError: 'fatal',
  BootForVolumeTypeUnsupported: 'fatal',
  EncryptedVolumesNotSupported: 'fatal',
  CustomerKeyHasBeenRevoked: 'fatal',
  PlacementGroupLimitExceeded: 'fatal',
  TagLimitExceeded: 'fatal',
  TagPolicyViolation: 'fatal',
  DefaultVpcDoesNotExist: 'fatal',
  VPCIdNotSpecified: 'fatal',
  VPCResourceNotSpecified: 'fatal',
};

const families: readonly (readonly [RegExp, Exclude<Ec2ErrorClass, 'unknown'>])[] = [
  [/^Throttl/, 'throttle'],
  [/^InvalidSubnet/, 'network'],
  [/^AuthFailure\./, 'fatal'],
  [/^(Invalid|Missing|Malformed)/, 'fatal'],
];

// Our credentials, not the launch: it may well be made again with others.
const ofTheCaller = /^(InvalidClientTokenId|InvalidSignature|MissingAuthenticationToken)/;

// IAM's instance profiles take seconds to reach EC2; the code is that of any bad parameter.
const freshProfile = /Invalid IAM Instance Profile/i;

// The catalogue took the type for one that EC2 places so: another may do. Its code is that of any bad combination.
const unclustered = /placement groups are not supported by the/i;

export function classifyEc2Error(error: unknown): Ec2Error {
  if (!(error instanceof Error)) return { class: 'unknown', code: 'Unknown', message: String(error) };
  const { name: code, message } = error;
  return { class: classOf(code, message), code, message };
}

function classOf(code: string, message: string): Ec2ErrorClass {
  if (code === 'InvalidParameterValue' && freshProfile.test(message)) return 'consistency';
  if (code === 'InvalidParameterCombination' && unclustered.test(message)) return 'capacity';
  if (ofTheCaller.test(code)) return 'unknown';
  if (Object.hasOwn(classes, code)) return classes[code] ?? 'unknown';
  return families.find(([form]) => form.test(code))?.[1] ?? 'unknown';
}
