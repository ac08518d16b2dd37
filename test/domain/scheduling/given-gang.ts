import type { JobSpec } from '../../../domain/job/events.ts';
import { Job } from '../../../domain/job/stream.ts';
import { progressOf } from '../../../domain/job/view.ts';
import { instanceId, jobId, runId } from '../../../domain/kernel/ids.ts';
import type { RunState } from '../../../domain/run/state.ts';
import { Run } from '../../../domain/run/stream.ts';
import type { Waiting } from '../../../domain/scheduling/snapshot.ts';
import { bundle, FLEET, given, offer, spec, task } from '../given.ts';
import { id } from './given-pass.ts';

/** A run of so many nodes, the last `placed` of them with an instance in that zone. */
export function gang(
  n: number,
  nodes: number,
  fields: Partial<JobSpec> = {},
  { placed, zone }: { placed: number; zone: string } = { placed: 0, zone: '' },
): { run: RunState; queue: Waiting[] } {
  const run = runId(id(n));
  const queue = Array.from({ length: nodes - placed }, (_, index) => ({
    id: jobId(run, index),
    state: given(Job, { type: 'JobQueued', spec: spec({ run, index, nodes, ...fields }) }),
  }));
  const assigned = Array.from({ length: placed }, (_, one) => {
    const index = nodes - placed + one;
    const job = given(
      Job,
      { type: 'JobQueued', spec: spec({ run, index, nodes, ...fields }) },
      {
        ...{ type: 'SubmissionAssigned', submission: 0, bundle },
        ...{ instance: instanceId(id(700 + index)), offer: offer({ zone }) },
      },
    );
    return { type: 'JobAdvanced' as const, job: progressOf(job) };
  });
  const submitted = {
    ...{ type: 'RunSubmitted' as const, id: run, name: `run-${n}`, project: 'main', user: 'alice' },
    ...{ fleet: FLEET, configuration: { ...task(), nodes }, fingerprint: 'f', seal: 'none', code: null },
  };
  return { run: given(Run, submitted, ...assigned), queue };
}
