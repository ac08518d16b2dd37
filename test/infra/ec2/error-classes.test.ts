import { describe, expect, it } from 'vitest';
import { classifyEc2Error, type Ec2ErrorClass } from '../../../infra/ec2/error-classes.ts';

const refusal = (name: string, message = ''): Error => Object.assign(new Error(message), { name });

const codes: Record<Ec2ErrorClass, string[]> = {
  capacity: [
    'InsufficientInstanceCapacity',
    'InsufficientHostCapacity',
    'InsufficientReservedInstanceCapacity',
    'UnfulfillableCapacity',
    'SpotMaxPriceTooLow',
    'ReservationCapacityExceeded',
    'Unsupported',
    'InvalidPlacementGroup.InUse',
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
    'AuthFailure.ServiceLinkedRoleCreationNotPermitted',
    'InvalidParameterValue',
    'InvalidParameterCombination',
    'InvalidAMIID.NotFound',
    'InvalidGroup.NotFound',
    'InvalidBlockDeviceMapping',
    'MissingParameter',
    'OptInRequired',
    'InvalidPlacementGroup.Duplicate',
    'PlacementGroupLimitExceeded',
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

it('an instance profile that is not known yet is told by its words: its code is any bad parameter’s', () => {
  const words =
    'Value (sortie-node) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name';
  expect(classifyEc2Error(refusal('InvalidParameterValue', words)).class).toBe('consistency');
});

it('what is no error at all is unknown', () => {
  expect(classifyEc2Error('?')).toEqual({ class: 'unknown', code: 'Unknown', message: '?' });
});
