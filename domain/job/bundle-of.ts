import { withAddresses } from '../configuration/references.ts';
import { jobId, submissionId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { groupOf, groupsOf } from '../run/groups.ts';
import type { RunState } from '../run/state.ts';
import { bundledContainer } from './bundled-container.ts';
import type { Bundle, Sealed } from './bundles.ts';
import { addressPlace } from './node-addresses.ts';

const HEARTBEAT_SECONDS = 30;

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

interface At {
  readonly index: number;
  readonly submission: number;
  readonly offer: OfferTerms;
}

/** Everything the runner needs for one submission: what the user wrote, and what the job has to know of itself. */
export function bundleOf(
  run: RunState,
  at: At,
  { sealed, apiUrl, token }: { sealed: Sealed; apiUrl: string; token: string },
): Bundle {
  const { shell, working_dir, user, stop_duration, container, docker, nodes } = run.configuration;
  const { commands, requirements } = groupOf(run.configuration, at.index);
  const sizes = groupsOf(run.configuration).map((group) => group.nodes);
  const submission = submissionId(jobId(run.id, at.index), at.submission);
  return {
    version: 1,
    submission,
    report_url: `${apiUrl}/v1/submissions/${submission}/report`,
    token,
    commands: [
      ...(docker ? [DOCKER_ANSWERS] : []),
      ...commands.map((command) => withAddresses(command, sizes, addressPlace)),
    ],
    env: { ...sealed.env, ...variables(run, at, submission) },
    shell,
    working_dir,
    user,
    max_duration: requirements.max_duration,
    stop_duration,
    heartbeat_seconds: HEARTBEAT_SECONDS,
    container: container && bundledContainer(container, requirements, { offer: at.offer, sealed }),
    gang: nodes === 1 ? null : { rank: at.index, size: nodes },
  };
}

/** Each under Sortie's name and under dstack's, whose scripts then run unchanged. Addresses are added on the node. */
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
    GPUS_PER_NODE: String(gpusOf(offer)),
    GPUS_NUM: String(gpusOfAll(run, at)),
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

const gpusOf = (offer: OfferTerms): number => offer.resources.gpus.reduce((sum, { count }) => sum + count, 0);

/** A node that has no instance yet counts like this one where they are alike, else with what it asks for at least. */
function gpusOfAll({ configuration, jobs }: RunState, { index, offer }: At): number {
  const own = groupOf(configuration, index);
  return jobs.reduce((sum, job) => {
    if (job.index === index) return sum + gpusOf(offer);
    if (job.offer !== null) return sum + gpusOf(job.offer);
    const group = groupOf(configuration, job.index);
    const alike = configuration.groups === null || group === own;
    return sum + (alike ? gpusOf(offer) : (group.requirements.resources.gpu.count.min ?? 0));
  }, 0);
}
