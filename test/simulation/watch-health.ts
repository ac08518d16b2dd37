import type { InstanceEvent } from '../../domain/instance/events.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import type { JobEvent } from '../../domain/job/events.ts';
import type { JobState } from '../../domain/job/state.ts';
import type { Commit } from '../../domain/kernel/stream.ts';
import type { Scene } from './scene.ts';
import type { Invariant } from './watch.ts';

/** Whether a node that is found ill is drained for it, and no job begins where its runner found that. */
export function watchHealth(
  { store, ill }: Pick<Scene, 'store' | 'ill'>,
  violated: (invariant: Invariant, what: string) => void,
): (commit: Commit) => void {
  const instanceOf = (id: string) => store.heads.get(`Instance-${id}`)?.state as InstanceState | undefined;

  function heedInstance(id: string, events: readonly InstanceEvent[]): void {
    const failed = events.find((event) => event.type === 'HealthFailed');
    if (failed === undefined) return;
    const withheld = instanceOf(id)?.withheld;
    const drained = events.some(
      (event) => event.type === 'IdleBehaviorSet' && event.reason === failed.output,
    );
    // An operator may have drained it before, or a spot notice.
    if (!drained && withheld?.behavior !== 'drain' && instanceOf(id)?.phase.kind === 'idle')
      violated('ill node kept', `${id}: ${failed.output}`);
  }

  function heedJob(id: string, event: JobEvent): void {
    if (event.type === 'SubmissionStarted' && ill.has(`${id}-${event.submission}`))
      violated('begun on an ill node', `${id}-${event.submission}`);
    if (event.type !== 'SubmissionEnded' || !ill.has(`${id}-${event.submission}`)) return;
    const job = store.heads.get(`Job-${id}`)?.state as JobState;
    const instance = job.past.find(({ submission }) => submission === event.submission)?.instance;
    const says = event.message?.includes('failed the health check') ?? false;
    if (says && instance !== undefined && instanceOf(instance)?.health !== 'failed')
      violated('ill node kept', `${instance}, of which ${id} says it`);
  }

  return ({ stream, events }) => {
    if (stream.name === 'Instance') heedInstance(stream.id, events as InstanceEvent[]);
    if (stream.name === 'Job') for (const event of events as JobEvent[]) heedJob(stream.id, event);
  };
}
