import type { CallError } from '../../domain/metrics/cloud-call.ts';

/** What an error of SSM comes to, in EC2's classes; an agent or a command that is not known yet is `consistency`. */
export function classifySsmError(error: unknown): CallError {
  if (!(error instanceof Error)) return 'unknown';
  const { name: code } = error;
  if (code === 'InvalidInstanceId' || code === 'InvocationDoesNotExist') return 'consistency';
  if (/^(Throttl|RateExceeded|TooManyRequests|RequestLimitExceeded)/.test(code)) return 'throttle';
  return '$fault' in error && error.$fault === 'client' ? 'fatal' : 'unknown';
}
