import { recordGone } from '../../domain/coordination/end-instance.ts';
import { recordInterruption } from '../../domain/coordination/interruption.ts';
import { recordReport } from '../../domain/coordination/job-reports.ts';
import type { Coordination } from '../../domain/coordination/move-job.ts';
import { recordMissed } from '../../domain/coordination/sighting.ts';
import { claimsOf } from '../../domain/instance/state.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { type InstanceId, submissionId } from '../../domain/kernel/ids.ts';
import type { Provenance } from '../../domain/kernel/stream.ts';
import type { Observation } from './observation.ts';

/** Records what AWS says of our instances. What follows from it is the reactions' matter: their doorbell rings. */
export async function observe(on: Coordination, id: string, event: Observation): Promise<void> {
  const { 'instance-id': ec2 } = event.detail;
  const instance = await on.store.alias('ec2-instance', ec2);
  // Somebody else's, or one whose launch we have not recorded yet: sync finds it.
  if (instance === undefined) return;
  const provenance = { by: 'function:observe', causation: `event ${id}`, correlation: instance };
  switch (event['detail-type']) {
    case 'EC2 Instance State-change Notification':
      if (event.detail.state === 'terminated') await recordEnd(on, provenance, instance as InstanceId);
      return;
    case 'EC2 Spot Instance Interruption Warning':
      return recordInterruption(on, provenance, instance as InstanceId);
    case 'EC2 Command Invocation Status-change Notification':
      return recordCommand(on, provenance, instance as InstanceId, event.detail);
  }
}

/**
 * The event does not say why it ended. Of an instance that was not ready yet that matters, as its launch was refused after
 * all: it is recorded as missing, and the reaction to that asks EC2.
 */
async function recordEnd(on: Coordination, provenance: Provenance, id: InstanceId): Promise<void> {
  const { state } = await on.store.load(Instance, id);
  if (state?.phase.kind === 'booting') await recordMissed(on, provenance, id);
  else await recordGone(on, provenance, id, 'terminated_outside');
}

/** A start that did not succeed means a job that may never report: it is looked after now rather than in a minute. */
async function recordCommand(
  on: Coordination,
  provenance: Provenance,
  id: InstanceId,
  { status, 'command-id': command }: { status: string; 'command-id': string },
): Promise<void> {
  if (['Success', 'Pending', 'InProgress', 'Delayed', 'Cancelling'].includes(status)) return;
  const { state } = await on.store.load(Instance, id);
  // Of several jobs on it, the one that it was sent for knows it.
  for (const { job, submission } of state ? claimsOf(state) : [])
    await recordReport(on, provenance, submissionId(job, submission), {
      kind: 'command-failed',
      command,
      status,
    });
}
