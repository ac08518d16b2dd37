import type { HealthSpec } from '../configuration/normalized.ts';
import { withAddresses } from '../configuration/references.ts';
import { jobId, submissionId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { type Cut, devicesOf, shareOfOffer } from '../planning/share.ts';
import { groupOf, groupsOf } from '../run/groups.ts';
import type { RunState } from '../run/state.ts';
import { underBothNames } from './both-names.ts';
import { bundledContainer } from './bundled-container.ts';
import { bundledHealth } from './bundled-health.ts';
import type { Bundle, SshKeys, Unsealed } from './bundles.ts';
import { addressPlace } from './node-addresses.ts';

const HEARTBEAT_SECONDS = 30;
const GIB = 1024 ** 3;

// The engine may still be starting where its instance has just booted.
const DOCKER_ANSWERS = `sortie_tries=0
until docker info >/dev/null 2>&1; do
  sortie_tries=$((sortie_tries + 1))
  if [ "$sortie_tries" -ge 60 ]; then
    echo "docker: true, but no Docker engine answered for a minute: docker info" >&2
    exit 1
  fi
  sleep 1
done
unset sortie_tries`;

/** `offer`: the whole instance's, of which the job has what `cut` says. */
interface At {
  readonly index: number;
  readonly submission: number;
  readonly offer: OfferTerms;
  readonly cut: Cut;
  /** What is to be checked of the instance first. */
  readonly check: HealthSpec | null;
}

/** Everything the runner needs for one submission: what the user wrote, and what the job has to know of itself. */
export function bundleOf(
  run: RunState,
  at: At,
  {
    sealed,
    apiUrl,
    token,
    codeLink,
  }: { sealed: Unsealed; apiUrl: string; token: string; codeLink: string | null },
): Bundle {
  const { shell, working_dir, user, stop_duration, container, docker, nodes, ssh } = run.configuration;
  const { commands, requirements } = groupOf(run.configuration, at.index);
  const sizes = groupsOf(run.configuration).map((group) => group.nodes);
  const submission = submissionId(jobId(run.id, at.index), at.submission);
  // In a container that is started for it, its devices are all there is, and count from 0.
  const launched = container !== null && container.lifetime !== 'no_launch';
  return {
    version: 1,
    submission,
    report_url: `${apiUrl}/v1/submissions/${submission}/report`,
    token,
    commands: [
      ...(docker ? [DOCKER_ANSWERS] : []),
      ...commands.map((command) => withAddresses(command, sizes, addressPlace)),
    ],
    own_commands: docker ? 1 : 0,
    env: {
      ...sealed.env,
      ...variables(run, at, submission),
      ...(launched ? {} : visibleDevices(at)),
    },
    shell,
    working_dir,
    user,
    max_duration: requirements.max_duration,
    stop_duration,
    heartbeat_seconds: HEARTBEAT_SECONDS,
    log_limit: Math.ceil(run.configuration.log_limit * GIB),
    container: container && bundledContainer(container, requirements, { ...at, sealed }),
    gang: nodes === 1 ? null : { rank: at.index, size: nodes },
    ssh: ssh ? sealedKeys(sealed) : null,
    health: at.check && bundledHealth(at.check, at.offer),
    code:
      run.code === null || codeLink === null
        ? null
        : { link: codeLink, sha256: run.code.sha256, parts: run.code.parts },
  };
}

function sealedKeys({ ssh }: Unsealed): SshKeys {
  if (ssh === null) throw new Error('the sealed keys of the run are not there');
  return ssh;
}

/** Addresses are added on the node. */
function variables(run: RunState, at: At, submission: string): Record<string, string> {
  const { index, offer } = at;
  const values = {
    RUN_ID: run.id,
    RUN_NAME: run.name,
    PROJECT: run.project,
    JOB_ID: jobId(run.id, index),
    JOB_NUM: String(index),
    SUBMISSION_ID: submission,
    REPLICA_NUM: '0',
    NODE_RANK: String(index),
    NODES_NUM: String(run.configuration.nodes),
    GPUS_PER_NODE: String(gpusOf(shareOfOffer(offer, at.cut))),
    GPUS_NUM: String(gpusOfAll(run, at)),
    INSTANCE_TYPE: offer.instance_type,
    REGION: offer.region,
  };
  return underBothNames(values);
}

const gpusOf = (offer: OfferTerms): number => offer.resources.gpus.reduce((sum, { count }) => sum + count, 0);

/** A node that has no instance yet counts like this one where they are alike, else with what it asks for at least. */
function gpusOfAll({ configuration, jobs }: RunState, { index, offer, cut }: At): number {
  const own = groupOf(configuration, index);
  const gpus = gpusOf(shareOfOffer(offer, cut));
  return jobs.reduce((sum, job) => {
    if (job.index === index) return sum + gpus;
    if (job.offer !== null) return sum + gpusOf(job.offer);
    const group = groupOf(configuration, job.index);
    const alike = configuration.groups === null || group === own;
    return sum + (alike ? gpus : (group.requirements.resources.gpu.count.min ?? 0));
  }, 0);
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
