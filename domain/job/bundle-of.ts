import { jobId, submissionId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type Cut, devicesOf, shareOfOffer } from '../planning/share.ts';
import type { RunState } from '../run/state.ts';
import type { Bundle } from './bundles.ts';

const HEARTBEAT_SECONDS = 30;

/** `offer`: the whole instance's, of which the job has what `cut` says. */
interface At {
  readonly index: number;
  readonly submission: number;
  readonly offer: OfferTerms;
  readonly cut: Cut;
}

/** Everything the runner needs for one submission: what the user wrote, and what the job has to know of itself. */
export function bundleOf(
  run: RunState,
  at: At,
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
    env: { ...env, ...variables(run, at, submission), ...visibleDevices(at) },
    shell,
    working_dir,
    user,
    max_duration: requirements.max_duration,
    stop_duration,
    heartbeat_seconds: HEARTBEAT_SECONDS,
  };
}

/** Each under Sortie's name and under dstack's, whose scripts then run unchanged. Addresses are added on the node. */
function variables(run: RunState, { index, offer, cut }: At, submission: string): Record<string, string> {
  const gpus = shareOfOffer(offer, cut).resources.gpus.reduce((sum, { count }) => sum + count, 0);
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

/** By what name the vendors' libraries are told which GPUs are theirs to see. */
const VISIBLE: Readonly<Record<string, readonly string[]>> = {
  nvidia: ['CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES'],
  amd: ['ROCR_VISIBLE_DEVICES'],
};

/** Two jobs on one instance never get the same GPU. */
function visibleDevices({ offer, cut }: At): Record<string, string> {
  const devices = devicesOf(offer, cut);
  if (cut.total === 1 || devices.length === 0) return {};
  const names = VISIBLE[offer.resources.gpus[0]?.vendor ?? ''] ?? [];
  return Object.fromEntries(names.map((name) => [name, devices.join(',')]));
}
