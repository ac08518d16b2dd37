import { jobId, submissionId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { RunState } from '../run/state.ts';
import type { Bundle } from './bundles.ts';

const HEARTBEAT_SECONDS = 30;

/** Everything the runner needs for one submission: what the user wrote, and what the job has to know of itself. */
export function bundleOf(
  run: RunState,
  at: { index: number; submission: number; offer: OfferTerms },
  { env, apiUrl, token }: { env: Readonly<Record<string, string>>; apiUrl: string; token: string },
): Bundle {
  const { commands, shell, working_dir, user, requirements, stop_duration } = run.configuration;
  const submission = submissionId(jobId(run.id, at.index), at.submission);
  return {
    version: 1,
    submission,
    report_url: `${apiUrl}/v1/submissions/${submission}/report`,
    token,
    commands,
    env: { ...env, ...variables(run, at, submission) },
    shell,
    working_dir,
    user,
    max_duration: requirements.max_duration,
    stop_duration,
    heartbeat_seconds: HEARTBEAT_SECONDS,
    gang: run.gang && { rank: at.index, size: run.jobs.length },
  };
}

/** Each under Sortie's name and under dstack's, whose scripts then run unchanged. Addresses are added on the node. */
function variables(
  run: RunState,
  { index, offer }: { index: number; submission: number; offer: OfferTerms },
  submission: string,
): Record<string, string> {
  const gpus = offer.resources.gpus.reduce((sum, { count }) => sum + count, 0);
  const nodes = run.configuration.nodes;
  const values = {
    RUN_ID: run.id,
    RUN_NAME: run.name,
    PROJECT: run.project,
    JOB_ID: jobId(run.id, index),
    JOB_NUM: String(index),
    SUBMISSION_ID: submission,
    REPLICA_NUM: '0',
    NODE_RANK: String(index),
    NODES_NUM: String(nodes),
    GPUS_PER_NODE: String(gpus),
    GPUS_NUM: String(gpus * nodes),
    INSTANCE_TYPE: offer.instance_type,
    REGION: offer.region,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => [
      [`SORTIE_${name}`, value],
      [`DSTACK_${name}`, value],
    ]),
  );
}
