import type { InstanceState } from '../instance/state.ts';
import { ec2Of } from '../instance/state.ts';
import type { JobState } from '../job/state.ts';
import { attemptOf } from '../job/state.ts';
import { type Instant, iso } from '../kernel/instant.ts';

/** What a job that does not run yet waits for. */
export interface Waiting {
  /** A kind of wait that a pass found, or how far the instance is that the job was promised. */
  readonly kind: string;
  readonly message: string;
  readonly since: Instant;
}

/** `instance`: the one it was promised, if there is one. */
export function waitingFor(job: JobState, instance: InstanceState | undefined): Waiting | undefined {
  const { phase } = job;
  if (phase.kind === 'waiting')
    return phase.wait === null
      ? { kind: 'queued', message: 'nobody has looked at it yet', since: phase.since }
      : { ...phase.wait, since: phase.since };
  if (phase.kind === 'backing_off') return { ...phase.wait, since: phase.since };
  const attempt = attemptOf(job);
  if (phase.kind !== 'assigned' || attempt === undefined) return undefined;
  const { instance_type, zone } = attempt.offer;
  const which = `${(instance && ec2Of(instance)) ?? 'an instance'} (${instance_type} in ${zone})`;
  switch (instance?.phase.kind) {
    case 'requested':
      return instance.phase.throttles > 0
        ? {
            kind: 'throttled',
            message: `EC2 throttles launches; asked again at ${iso(instance.phase.retry_at)}`,
            since: attempt.assigned_at,
          }
        : { kind: 'launching', message: `${which} is being launched`, since: attempt.assigned_at };
    case 'booting': {
      const since = instance.phase.launched_at;
      return { kind: 'booting', message: `${which} is booting since ${iso(since)}`, since };
    }
    default:
      return {
        kind: 'starting',
        message: phase.sent === null ? `${which} is about to be told to start` : `${which} was told to start`,
        since: phase.sent?.at ?? attempt.assigned_at,
      };
  }
}
