import { settleGang } from '../../domain/coordination/settle-gang.ts';
import { stopRun } from '../../domain/coordination/stop-run.ts';
import type { Ring } from '../../domain/job/next-action.ts';
import { RunId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import { Run } from '../../domain/run/stream.ts';
import type { Reactive } from './ports.ts';
import { provenanceOf } from './provenance.ts';
import { type Step, visitStep } from './step.ts';

const LOOK = 5 * MINUTE;

/** A run moves with its jobs, in the same append; the nodes of several have to be of one mind besides. */
export async function reactToRun(on: Reactive, stream: StreamRef, ring: Ring): Promise<Step[]> {
  const { state: run, version } = await on.store.load(Run, stream.id);
  if (run === undefined || run.gang === null || run.phase.kind === 'finished') return [];
  const id = RunId.parse(stream.id);
  const provenance = provenanceOf(on, stream, version, id);
  // Its user's stop is several appends where it has many nodes: one that was cut short goes on here. Asked again, it changes nothing.
  if (ring === 'due' && run.phase.kind === 'stopping') await stopRun(on, provenance, id, run.phase.mode);
  const settled = await settleGang(on, provenance, id);
  if (settled.kind === 'rest') {
    const due = Run.placement(run, id).due;
    const now = on.runtime.now();
    // A deadline that is still to come stays as it is.
    if (ring === 'due' && (due === undefined || due <= now)) await on.store.remind(stream, now + LOOK);
    return [];
  }
  return [
    visitStep('Run', id),
    ...settled.jobs.map((job) => visitStep('Job', job)),
    ...settled.instances.map((instance) => visitStep('Instance', instance)),
  ];
}
