import type { InstanceStatus, JobStatus } from '../../domain/kernel/status.ts';
import type { Paint } from '../terminal/output.ts';

/** `, retry 2` of a submission that is not its job's first. */
export const retryText = (submission: number | undefined): string =>
  submission === undefined || submission === 0 ? '' : `, retry ${submission}`;

/** A status in dstack's colours, as far as a terminal has them. */
export function painted(status: JobStatus | InstanceStatus, text: string, paint: Paint): string {
  switch (status) {
    case 'submitted':
    case 'pending':
      return paint.gray(text);
    case 'provisioning':
      return paint.blue(text);
    case 'pulling':
    case 'running':
    case 'busy':
    case 'idle':
      return paint.green(text);
    case 'terminating':
      return paint.magenta(text);
    case 'failed':
      return paint.red(text);
    case 'done':
    case 'terminated':
    case 'aborted':
      return paint.gray(text);
  }
}
