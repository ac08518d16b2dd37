import type { JobEvent } from '../../../domain/job/events.ts';
import type { JobState } from '../../../domain/job/state.ts';
import { Job } from '../../../domain/job/stream.ts';
import { progressOf } from '../../../domain/job/view.ts';
import { instanceId } from '../../../domain/kernel/ids.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import type { RunEvent, StoredTask } from '../../../domain/run/events.ts';
import type { RunState } from '../../../domain/run/state.ts';
import { Run } from '../../../domain/run/stream.ts';
import { bundle, FLEET, offer, RUN, spec, T0, task } from '../given.ts';

/** A run of three nodes that goes through what it is told, its jobs with it. */
export function gangOfThree(fields: Partial<StoredTask> = {}) {
  const configuration = { ...task(), nodes: 3, ...fields };
  const submitted: RunEvent = {
    ...{ type: 'RunSubmitted', id: RUN, name: 'trio', project: 'main', user: 'alice', fleet: FLEET },
    ...{ configuration, fingerprint: 'f', seal: 'none', code: null },
  };
  let run = Run.evolve(undefined, submitted, T0);
  const retry = fields.retry ?? null;
  const jobs: JobState[] = [0, 1, 2].map((index) =>
    Job.evolve(undefined, { type: 'JobQueued', spec: spec({ index, nodes: 3, retry }) }, T0),
  );
  const gang = {
    run: (): RunState => run,
    jobs: (): readonly JobState[] => jobs,
    told(events: readonly RunEvent[], at = T0): void {
      run = fold(Run, run, events, at) ?? run;
    },
    moved(index: number, events: readonly JobEvent[], at = T0): void {
      const job = fold(Job, jobs[index], events, at);
      if (job === undefined) throw new Error(`there is no node ${index}`);
      jobs[index] = job;
      gang.told([{ type: 'JobAdvanced', job: progressOf(job) }], at);
    },
    assigned(index: number, at = T0): void {
      const submission = jobs[index]?.submission ?? 0;
      const instance = instanceId(`0000000000000000000000000${index}`);
      gang.moved(index, [{ type: 'SubmissionAssigned', submission, instance, offer: offer(), bundle }], at);
    },
  };
  return gang;
}

export const arrival = (index: number, submission = 0) => ({
  ...{ index, submission, ec2: `i-${index}`, address: `10.0.0.${index}`, sighting: null },
});
