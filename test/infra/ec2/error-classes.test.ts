import { describe, expect, it } from 'vitest';
import { classifyEc2Error, type Ec2ErrorClass, endOf } from '../../../infra/ec2/error-classes.ts';

const refusal = (name: string, message = '', status?: number): Error =>
  Object.assign(new Error(message), { name, ...(status && { $metadata: { httpStatusCode: status } }) });

const codes: Record<Ec2ErrorClass, string[]> = {
  capacity: [
    'InsufficientInstanceCapacity',
    'InsufficientHostCapacity',
    'InsufficientReservedInstanceCapacity',
    'UnfulfillableCapacity',
    'SpotMaxPriceTooLow',
    'ReservationCapacityExceeded',
    'Unsupported',
    'UnsupportedOperation',
    'UnsupportedInstanceAttribute',
    'EncryptedVolumesNotSupported',
    'InvalidPlacementGroup.InUse',
    'AuthFailure.ServiceLinkedRoleCreationNotPermitted',
  ],
  quota: [
    'VcpuLimitExceeded',
    'InstanceLimitExceeded',
    'MaxSpotInstanceCountExceeded',
    'VolumeLimitExceeded',
  ],
  network: ['InsufficientFreeAddressesInSubnet', 'InvalidSubnetID.NotFound', 'InvalidSubnet'],
  throttle: ['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'EC2ThrottledException'],
  consistency: ['InvalidInstanceID.NotFound', 'InvalidPlacementGroup.Unknown'],
  over: ['IdempotentInstanceTerminated'],
  fatal: [
    'UnauthorizedOperation',
    'AuthFailure',
    'InvalidGroup.NotFound',
    'MissingParameter',
    'OptInRequired',
    'PendingVerification',
    'InvalidPlacementGroup.Duplicate',
    'PlacementGroupLimitExceeded',
  ],
  unclassified: [
    'InvalidParameterValue',
    'InvalidParameterCombination',
    'InvalidParameter',
    'InvalidInput',
    'InvalidAMIID.NotFound',
    'InvalidBlockDeviceMapping',
    'InvalidSomethingNew',
  ],
  unknown: [
    'InternalError',
    'InternalFailure',
    'ServiceUnavailable',
    'Unavailable',
    'TimeoutError',
    'ECONNRESET',
    'IdempotentParameterMismatch',
    'InvalidClientTokenId',
    'MissingAuthenticationToken',
    'ExpiredToken',
    'constructor',
    'SomethingNew',
  ],
};

describe.each(Object.keys(codes) as Ec2ErrorClass[])('%s', (expected) => {
  it.each(codes[expected])('%s', (code) => {
    expect(classifyEc2Error(refusal(code, 'words'))).toEqual({ class: expected, code, message: 'words' });
  });
});

// Word for word, as users of EC2 have met them; the table in error-classes.ts has the sources.
const worded: readonly (readonly [expected: Ec2ErrorClass, code: string, message: string])[] = [
  [
    'capacity',
    'InvalidParameterCombination',
    "The specified instance type is not eligible for Free Tier. For a list of Free Tier instance types, run 'describe-instance-types' with the filter 'free-tier-eligible=true'.",
  ],
  [
    'capacity',
    'InvalidParameterCombination',
    "Virtualization type 'hvm' is required for instances of type 't2.micro'. Ensure that you are using an AMI with virtualization type 'hvm'.",
  ],
  [
    'capacity',
    'InvalidParameterCombination',
    "Enhanced networking with the Elastic Network Adapter (ENA) is required for the 'm5.4xlarge' instance type. Ensure that you are using an AMI that is enabled for ENA.",
  ],
  [
    'capacity',
    'InvalidParameterValue',
    "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.",
  ],
  [
    'capacity',
    'InvalidParameterValue',
    "The requested instance type's architecture (x86_64) does not match the architecture in the manifest for ami-053eed19246a58e8a (arm64)",
  ],
  [
    'capacity',
    'InvalidParameterCombination',
    "Cluster placement groups are not supported by the 't4g.small' instance type. Specify a supported instance type or change the placement group strategy, and try again.",
  ],
  ['capacity', 'InvalidParameterValue', "Invalid value 'm9.large' for InstanceType."],
  ['network', 'InvalidInput', "No default subnet for availability zone: ''us-east-1e''."],
  ['network', 'InvalidParameterValue', 'Invalid availability zone: [us-east-1g]'],
  [
    'network',
    'InvalidParameterValue',
    'Value (us-east-1b) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1d.',
  ],
  ['fatal', 'MissingInput', "No subnets found for the default VPC 'vpc-a14210c9'. Please specify a subnet."],
  [
    'consistency',
    'InvalidParameterValue',
    'Value (sortie-node) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
  ],
  [
    'consistency',
    'InvalidParameterValue',
    'IAM Instance Profile "arn:aws:iam::123456789012:instance-profile/node" has no associated IAM Roles',
  ],
  [
    'unclassified',
    'UnauthorizedOperation',
    'You are not authorized to perform this operation. User: … is not authorized to perform: ec2:RunInstances on resource: … with an explicit deny in a service control policy.',
  ],
];

it.each(worded)('%s: %s: %s', (expected, code, message) => {
  expect(classifyEc2Error(refusal(code, message, 400)).class).toBe(expected);
});

describe('a code that nobody documents', () => {
  it('refuses the launch if EC2 has read the request', () => {
    expect(classifyEc2Error(refusal('SomethingNew', 'no', 400)).class).toBe('unclassified');
  });

  it('says nothing of the launch if the fault is of EC2', () => {
    expect(classifyEc2Error(refusal('SomethingNew', 'oh', 500)).class).toBe('unknown');
  });
});

it('a value that is no error at all is unknown', () => {
  expect(classifyEc2Error('?')).toEqual({ class: 'unknown', code: 'Unknown', message: '?' });
});

describe('the reason of an end', () => {
  it.each([
    ['Server.InsufficientInstanceCapacity', 'capacity'],
    ['Server.SpotInstanceTermination', 'capacity'],
    ['Server.InternalError', 'boot'],
    ['Server.ScheduledStop', 'boot'],
    ['Client.VolumeLimitExceeded', 'quota'],
    ['Client.InternalError', 'unclassified'],
    ['Client.InvalidSnapshot.NotFound', 'unclassified'],
    ['Server.SomethingNew', 'boot'],
  ])('%s is a refusal of the class %s', (Code, kind) => {
    const refused = { class: kind, code: Code, message: 'words' };
    expect(endOf('terminated', { Code, Message: `${Code}: words` })).toEqual(refused);
    expect(endOf('shutting-down', { Code, Message: 'words' })).toEqual(refused);
    expect(endOf('stopped', { Code, Message: 'words' })).toEqual(refused);
  });

  it.each(['Client.UserInitiatedShutdown', 'Client.InstanceInitiatedShutdown', 'Client.InstanceTerminated'])(
    '%s was asked for, and is none',
    (Code) => expect(endOf('terminated', { Code, Message: '' })).toBeNull(),
  );

  it('an instance that lives has none, whatever it shows', () => {
    expect(endOf('pending', { Code: 'pending', Message: 'pending' })).toBeNull();
    expect(endOf('running', undefined)).toBeNull();
    expect(endOf('terminated', undefined)).toBeNull();
  });
});
