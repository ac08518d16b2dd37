import { type AwsError, awsError } from '../wire/aws-error.ts';
import type { OfferRefusal } from '../wire/faults.ts';
import type { Forgery } from '../wire/signature.ts';

/**
 * EC2's refusals in its own words. What the server is short of is a 5xx, the rest a 4xx.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export const missing = (parameter: string): AwsError =>
  awsError('MissingParameter', `The request must contain the parameter ${parameter}`);

export const invalidValue = (message: string): AwsError => awsError('InvalidParameterValue', message);

export const invalidCombination = (message: string): AwsError =>
  awsError('InvalidParameterCombination', message);

export const unknownType = (types: readonly string[]): AwsError =>
  awsError(
    'InvalidInstanceType',
    `The following supplied instance types do not exist: [${types.join(', ')}]`,
  );

export const malformedInstance = (id: string): AwsError =>
  awsError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);

export const unknownInstances = (ids: readonly string[]): AwsError =>
  awsError(
    'InvalidInstanceID.NotFound',
    ids.length === 1
      ? `The instance ID '${ids[0]}' does not exist`
      : `The instance IDs '${ids.join(', ')}' do not exist`,
  );

export const throttled: AwsError = awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);

/**
 * What EC2 says when the fault is its own, and the call may be made again: word for word as seen on the wire.
 * @see https://github.com/aws/aws-cli/issues/384 and https://github.com/aws/aws-sdk-go-v2/issues/2254
 */
export const serverErrors: readonly AwsError[] = [
  awsError('InternalError', 'An internal error has occurred', 500),
  awsError('Unavailable', 'The service is unavailable. Please try again shortly.', 503),
];

export const dryRun: AwsError = awsError(
  'DryRunOperation',
  'Request would have succeeded, but DryRun flag is set.',
  412,
);

export const tokenMismatch: AwsError = awsError(
  'IdempotentParameterMismatch',
  'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
);

export const tokenOfTerminated: AwsError = awsError(
  'IdempotentInstanceTerminated',
  'The request to launch an instance uses the same client token as a previous request for which the instance has been terminated.',
);

export const unsupportedInZone = (type: string, zone: string, zones: readonly string[]): AwsError =>
  awsError(
    'Unsupported',
    `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}). ` +
      `Please retry your request by not specifying an Availability Zone or choosing ${zones.join(', ')}.`,
  );

/** As seen on the wire: https://github.com/hashicorp/terraform/issues/16183 and https://github.com/bcbio/bcbio-nextgen-vm/issues/45 */
export const unknownGroup = (name: string): AwsError =>
  awsError('InvalidPlacementGroup.Unknown', `The Placement Group '${name}' is unknown.`);

export const groupElsewhere = (name: string, zone: string): AwsError =>
  awsError(
    'InvalidPlacementGroup.InUse',
    `The placement group '${name}' is in use in another availability zone: ${zone}`,
  );

export const groupInUse = (name: string): AwsError =>
  awsError('InvalidPlacementGroup.InUse', `The placement group '${name}' is in use and may not be deleted.`);

export const groupThere = (name: string): AwsError =>
  awsError('InvalidPlacementGroup.Duplicate', `The placement group '${name}' already exists.`);

export const tooManyGroups: AwsError = awsError(
  'PlacementGroupLimitExceeded',
  'You have reached the limit on the number of placement groups that you can have.',
);

/** Word for word: https://github.com/dstackai/dstack/issues/2872 */
export const strategyUnsupported = (strategy: string, type: string): AwsError =>
  invalidCombination(
    `${strategy.charAt(0).toUpperCase()}${strategy.slice(1)} placement groups are not supported by the '${type}' ` +
      'instance type. Specify a supported instance type or change the placement group strategy, and try again.',
  );

/** Refusals of one offer that the next may not get, as seen on the wire: `infra/ec2/error-classes.ts` has the sources. */
export function refusalOfOffer(kind: OfferRefusal, type: string, zone: string): AwsError {
  switch (kind) {
    case 'free-tier':
      return invalidCombination(
        'The specified instance type is not eligible for Free Tier. For a list of Free Tier instance types, run ' +
          "'describe-instance-types' with the filter 'free-tier-eligible=true'.",
      );
    case 'virtualization':
      return invalidCombination(
        `Virtualization type 'hvm' is required for instances of type '${type}'. Ensure that you are using an AMI with ` +
          "virtualization type 'hvm'.",
      );
    case 'ena':
      return invalidCombination(
        `Enhanced networking with the Elastic Network Adapter (ENA) is required for the '${type}' instance type. ` +
          'Ensure that you are using an AMI that is enabled for ENA.',
      );
    case 'architecture':
      return invalidValue(
        "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the " +
          'specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.',
      );
    case 'unsupported':
      return awsError('Unsupported', 'The requested configuration is currently not supported.');
    case 'unencrypted':
      return awsError(
        'EncryptedVolumesNotSupported',
        'Encrypted Amazon EBS volumes may only be attached to instances that support Amazon EBS encryption.',
      );
    case 'no-default-subnet':
      return awsError('InvalidInput', `No default subnet for availability zone: ''${zone}''.`);
    case 'denied':
      return awsError(
        'UnauthorizedOperation',
        `You are not authorized to perform this operation. ec2:RunInstances on the resource of type ${type} is denied ` +
          'with an explicit deny in a service control policy.',
        403,
      );
    case 'undocumented':
      return awsError('InstanceTypeRetired', `${type} was retired after this software was written.`);
  }
}

export function capacityRefusal(
  code: string,
  type: string,
  zone: string,
  others: readonly string[],
): AwsError {
  switch (code) {
    case 'InsufficientInstanceCapacity':
      return awsError(
        code,
        `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). ` +
          'Our system will be working on provisioning additional capacity. You can currently get ' +
          `${type} capacity by not specifying an Availability Zone in your request or choosing ${others.join(', ')}.`,
        500,
      );
    case 'SpotMaxPriceTooLow':
      return awsError(
        code,
        'Your Spot request price is lower than the minimum required Spot request fulfillment price.',
      );
    case 'ReservationCapacityExceeded':
      return awsError(
        code,
        'The requested reservation does not have sufficient compatible and available capacity.',
      );
    case 'UnfulfillableCapacity':
      return awsError(
        code,
        'Unable to fulfill capacity due to your request configuration. Please adjust your request and try again.',
        500,
      );
    default:
      return awsError(
        code,
        `There is not enough capacity to fulfill your request for ${type} in ${zone}.`,
        500,
      );
  }
}

const adjustment =
  'Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.';

export const vcpuLimit = (limit: number): AwsError =>
  awsError(
    'VcpuLimitExceeded',
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket ` +
      `that the specified instance type belongs to. ${adjustment}`,
  );

export const spotLimit: AwsError = awsError(
  'MaxSpotInstanceCountExceeded',
  'Max spot instance count exceeded',
);

export const instanceLimit = (requested: number, limit: number): AwsError =>
  awsError(
    'InstanceLimitExceeded',
    `You have requested more instances (${requested}) than your current instance limit of ${limit} allows for the ` +
      `specified instance type. ${adjustment}`,
  );

/** @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-troubleshooting.html */
export const unauthorized = ({ kind, message }: Forgery): AwsError => {
  switch (kind) {
    case 'unsigned':
      return awsError('MissingAuthenticationToken', message, 403);
    case 'incomplete':
      return awsError('IncompleteSignature', message);
    case 'expired':
      return awsError('RequestExpired', message);
    case 'unknown-key':
      return awsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
    case 'mismatch':
      return awsError('SignatureDoesNotMatch', message, 403);
  }
};
