import type { AwsError } from '../wire/aws-error.ts';
import type { Faults, QuotaFamily } from '../wire/faults.ts';
import { type InstanceRecord, isLive } from './instance-record.ts';
import type { LaunchRequest } from './launch-request.ts';
import { instanceLimit, spotLimit, vcpuLimit } from './refusals.ts';

/** How many of a launch the quotas allow, and what EC2 says when that is too few. */
export type Allowance = { readonly instances: number; readonly refusal: AwsError | undefined };

export function allowance(
  request: LaunchRequest,
  existing: Iterable<InstanceRecord>,
  faults: Faults,
): Allowance {
  const live = [...existing].filter(isLive);
  const vcpus = (those: readonly InstanceRecord[]) =>
    those.reduce((sum, instance) => sum + instance.vcpus, 0);
  const family = familyOf(request.type);
  const ofBucket = live.filter((one) => one.market === request.market && familyOf(one.type) === family);
  const bucket = faults.vcpuQuota[request.market === 'spot' ? 'spot' : 'onDemand'][family];
  const total = faults.vcpuQuota.total;
  const refusalFor = (limit: number) => (request.market === 'spot' ? spotLimit : vcpuLimit(limit));

  const limits: Allowance[] = [{ instances: request.max, refusal: undefined }];
  if (faults.instanceLimit !== null) {
    limits.push({
      instances: faults.instanceLimit - live.length,
      refusal: instanceLimit(request.max, faults.instanceLimit),
    });
  }
  for (const [limit, used] of [
    [total, vcpus(live)],
    [bucket, vcpus(ofBucket)],
  ] as const) {
    if (limit === undefined) continue;
    limits.push({ instances: Math.floor((limit - used) / request.facts.vcpus), refusal: refusalFor(limit) });
  }
  return limits.reduce((least, limit) => (limit.instances < least.instances ? limit : least));
}

/**
 * The quota bucket of a type, by its family letters.
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */
function familyOf(type: string): QuotaFamily {
  const family = type.split('.')[0] ?? '';
  const letters = /^[a-z]+/.exec(family)?.[0] ?? '';
  if (letters.startsWith('hpc')) return 'hpc';
  if (letters.startsWith('trn')) return 'trn';
  if (letters.startsWith('inf')) return 'inf';
  if (letters.startsWith('dl')) return 'dl';
  if (letters.startsWith('vt') || letters.startsWith('g')) return 'g';
  if (letters.startsWith('p')) return 'p';
  if (letters.startsWith('f')) return 'f';
  if (letters.startsWith('x')) return 'x';
  if (letters.startsWith('u')) return 'u';
  return 'standard';
}
