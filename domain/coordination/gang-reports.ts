import type { Sighting } from '../container/sighting.ts';
import type { GangOrder } from '../gang/order.ts';
import { arrive, orderFor, prepare } from '../gang/rendezvous.ts';
import { ec2Of } from '../instance/state.ts';
import { Instance } from '../instance/stream.ts';
import { attemptOf } from '../job/state.ts';
import { partsOf, type SubmissionId } from '../kernel/ids.ts';
import { changesOf, fold, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import { Run } from '../run/stream.ts';
import { type Coordination, loadJob } from './move-job.ts';

/** What a node of a gang says until it has its answer. */
export type GangReport =
  | { readonly kind: 'arrived'; readonly address: string; readonly sighting: Sighting | null }
  | { readonly kind: 'prepared' };

/** Records it, once, and says what the node does next. A submission that is over counts for nothing any more. */
export function recordGangReport(
  on: Coordination,
  provenance: Provenance,
  submission: SubmissionId,
  report: GangReport,
): Promise<GangOrder | null> {
  const { job: id, number, run: runId } = partsOf(submission);
  return transact<GangOrder | null>(on, provenance, async (read) => {
    const [job, run] = await Promise.all([loadJob(read, id), read(Run, runId)]);
    const attempt = job.state && attemptOf(job.state);
    if (job.state === undefined || run.state === undefined || run.state.gang === null)
      return { changes: [], result: null };
    if (attempt?.submission !== number || job.state.phase.kind === 'stopping')
      return { changes: [], result: { order: 'wait' } };
    const { index } = job.state;
    const now = on.runtime.now();
    const instance = report.kind === 'arrived' ? (await read(Instance, attempt.instance)).state : undefined;
    const events =
      report.kind === 'arrived'
        ? arrive(run.state, {
            ...{ index, submission: number, ec2: instance ? ec2Of(instance) : null },
            ...{ address: report.address, sighting: report.sighting },
          })
        : prepare(run.state, index, number);
    const after = fold(Run, run.state, events, now) ?? run.state;
    return {
      changes: changesOf(run, events, now),
      result: orderFor(after, index, number),
    };
  });
}
