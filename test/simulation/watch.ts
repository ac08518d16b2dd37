import { claimOn } from '../../domain/instance/claims.ts';
import type { Claim } from '../../domain/instance/events.ts';
import { claimsOf, type HeldClaim, type InstanceState } from '../../domain/instance/state.ts';
import { attemptOf, type JobState } from '../../domain/job/state.ts';
import { type JobId, partsOf, SubmissionId } from '../../domain/kernel/ids.ts';
import type { Folded } from '../../domain/kernel/refold.ts';
import { isFinal } from '../../domain/kernel/status.ts';
import type { Commit, StreamRef } from '../../domain/kernel/stream.ts';
import type { RunState } from '../../domain/run/state.ts';
import { keyOf } from '../../domain/streams.ts';
import { verifyStream } from '../../domain/verify.ts';
import type { Machine } from '../fakes/world.ts';
import type { ContainerNews } from './engines.ts';
import type { Listener } from './machinery.ts';
import { triedTooOften } from './patience.ts';
import type { Scene } from './scene.ts';
import { watchContainers } from './watch-containers.ts';
import { type FleetWatch, watchFleets } from './watch-fleets.ts';
import { watchHealth } from './watch-health.ts';
import { watchMoves } from './watch-moves.ts';
import { watchRefusals } from './watch-refusals.ts';
import { watchStarts } from './watch-starts.ts';

export type Invariant =
  | 'started twice'
  | 'begun before all were prepared'
  | 'nodes in two zones'
  | 'machine without an intent'
  | 'launched twice'
  | 'limit overshot'
  | 'held instance took a job'
  | 'closed fleet placed a job'
  | 'machine without a place in its fleet'
  | 'more claimed than there is'
  | 'claim without its job'
  | 'job without its claim'
  | 'state is not what its events say'
  | 'secret in an event'
  | 'acknowledged, not recorded'
  | 'healthy machine ended'
  | 'healthy job restarted'
  | 'tried without end'
  | 'persistent container removed'
  | 'container of another removed'
  | 'container kept on some nodes'
  | 'ill node kept'
  | "failed for its machine's sake"
  | 'black hole'
  | 'begun on an ill node'
  | 'left on a machine'
  | 'half-started gang'
  | 'unexpected error'
  | 'run not final'
  | 'machine left running'
  | 'reservation left'
  | 'kept nodes missing'
  | 'drained instance left'
  | 'not let in by its fleet'
  | 'placement group left'
  | 'letter left'
  | 'fleet that it does not name'
  | 'left in another fleet'
  | 'run in two fleets'
  | 'handed to and fro'
  | 'counts are not what happened'
  | 'reminder lost'
  | 'ended by one refusal'
  | 'not answered'
  | 'outcome is not what happened';

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

/** Looks at the record and the world after every step, at what has moved alone. */
export interface Watch extends Listener {
  step(): Promise<void>;
  ending(machine: Machine): void;
  stopTaken(run: string): void;
  violated(invariant: Invariant, what: string): void;
  /** The first; what follows from it says nothing. */
  readonly violation: Violation | undefined;
  /** Runs that a user has stopped, as recorded. */
  readonly stops: ReadonlySet<string>;
  readonly fleets: Pick<FleetWatch, 'ledgers' | 'withheld'>;
  readonly containers: ContainerNews;
}

export function watchOver(scene: Scene, starts: () => ReadonlyMap<string, number>): Watch {
  const { store, world } = scene;
  const folded = new Map<string, Folded>();
  const stops = new Set<string>();
  const launches = new Set<string>();
  const claims = new Map<string, readonly HeldClaim[]>();
  let [seen, violation, worldMoved] = [0, undefined as Violation | undefined, true];
  const violated = (invariant: Invariant, what: string) => {
    violation ??= { invariant, what };
  };
  const fleets = watchFleets(scene, violated);
  const containers = watchContainers(scene, violated);
  const heedHealth = watchHealth(scene, violated);
  const heedStarts = watchStarts(scene, violated);
  const moves = watchMoves(scene, violated);
  const heedRefusals = watchRefusals(scene, violated);
  const state = <T>(key: string) => store.heads.get(key)?.state as T | undefined;
  const alive = () => [...world.machines.values()].filter((machine) => machine.state !== 'terminated');
  const secrets = /hush-\d|"token"/;

  const jobOn = (instance: string, claim: Claim) => {
    const job = state<JobState>(`Job-${claim.job}`);
    const attempt = job && attemptOf(job);
    if (attempt?.instance !== instance || attempt.submission !== claim.submission)
      violated('claim without its job', `${instance} is claimed by ${claim.job}-${claim.submission}`);
  };
  const withinBlocks = (id: string, instance: InstanceState) => {
    const held = claimsOf(instance);
    if (held.length > 0) claims.set(id, held);
    else claims.delete(id);
    const taken = held.flatMap(({ blocks }) => blocks);
    if (new Set(taken).size < taken.length || taken.some((block) => block >= instance.blocks))
      violated('more claimed than there is', `blocks ${taken.join()} of ${id}, which has ${instance.blocks}`);
  };
  const claimBy = (id: string, job: JobState) => {
    const attempt = attemptOf(job);
    if (attempt === undefined) return;
    const instance = state<InstanceState>(`Instance-${attempt.instance}`);
    if (instance === undefined || claimOn(instance, id as JobId)?.submission !== attempt.submission)
      violated('job without its claim', `${id}-${attempt.submission} is on ${attempt.instance}`);
  };

  const lookAtJob = (id: string, job: JobState) => {
    claimBy(id, job);
    if (triedTooOften(job)) violated('tried without end', `${id}-${job.submission}`);
  };

  function heed(commit: Commit): void {
    const { stream, events } = commit;
    if (secrets.test(JSON.stringify(events))) violated('secret in an event', JSON.stringify(events));
    fleets.heed(commit);
    heedHealth(commit);
    heedStarts(commit);
    heedRefusals(commit);
    containers.heed(commit);
    moves.heed(commit);
    for (const { type } of events) {
      if (type === 'RunStopRequested') stops.add(stream.id);
      if (type === 'SubmissionStarted') begun(stream.id);
      if (type === 'JobRequeued' || type === 'RetryScheduled') restarted(stream.id);
    }
  }

  const isGang = (submission: string) => state<RunState>(`Run-${submission.slice(0, 26)}`)?.gang !== null;

  /** Its nodes are being stopped, as another has failed or the master is done. */
  const isParting = (submission: string) =>
    state<RunState>(`Run-${submission.slice(0, 26)}`)?.gang?.phase.kind === 'parting';

  function begun(id: string): void {
    const gang = state<RunState>(`Run-${id.slice(0, 26)}`)?.gang;
    if (gang && gang.phase.kind !== 'going' && gang.phase.kind !== 'parting')
      violated('begun before all were prepared', `${id}: ${JSON.stringify(gang)}`);
  }

  function together(id: string): void {
    const run = state<RunState>(`Run-${id}`);
    if (!run?.gang) return;
    const placed = run.jobs.filter(({ status }) => status !== 'submitted' && !isFinal(status));
    const zones = new Set(placed.map(({ offer }) => offer?.zone));
    if (zones.size > 1) violated('nodes in two zones', `${id}: ${[...zones].join()}`);
  }

  /** The submission before this one: was there any need for another? */
  function restarted(id: string): void {
    const past = state<JobState>(`Job-${id}`)?.past.at(-1);
    const machine = alive().find(({ intent }) => intent.instance === past?.instance);
    if (past === undefined || machine?.state !== 'running') return;
    const own = machine.submissions.get(`${id}-${past.submission}`);
    // A node that waits for the others of its run is no job under way.
    if (
      own?.state === 'running' &&
      (own.started_at !== null || !isGang(`${id}-0`)) &&
      scene.harmsOf(machine).size === 0
    )
      violated('healthy job restarted', `${id}-${past.submission} runs on ${machine.ec2}`);
  }

  return {
    get violation() {
      return violation;
    },
    ...{ violated, stops, fleets, containers },

    async step() {
      if (store.commits.length > seen) {
        const news = store.commits.slice(seen);
        seen = store.commits.length;
        worldMoved = true;
        const moved = new Map(news.map(({ stream }) => [keyOf(stream), stream]));
        for (const commit of news) heed(commit);
        for (const [key, stream] of moved) {
          const verified = await verifyStream(store, store, stream, folded.get(key));
          folded.set(key, verified.folded);
          for (const mismatch of verified.mismatches)
            violated('state is not what its events say', JSON.stringify(mismatch));
          if (stream.name === 'Run') together(stream.id);
          if (stream.name === 'Job') lookAtJob(stream.id, state<JobState>(key) as JobState);
          if (stream.name !== 'Instance') continue;
          withinBlocks(stream.id, state<InstanceState>(key) as InstanceState);
        }
        moves.look(runsOf(moved.values()));
        for (const [instance, held] of claims) for (const claim of held) jobOn(instance, claim);
      }
      if (worldMoved) fleets.look(alive());
      worldMoved = false;
    },

    launched({ ec2, intent }) {
      worldMoved = true;
      if (state(`Instance-${intent.instance}`) === undefined)
        violated('machine without an intent', `${ec2} of ${intent.instance}`);
      if (launches.has(intent.instance)) violated('launched twice', intent.instance);
      launches.add(intent.instance);
    },
    placed(machine, submission) {
      if ((starts().get(submission) ?? 0) > 1) violated('started twice', `${submission} on ${machine.ec2}`);
    },
    ending(machine) {
      if (machine.state !== 'running' || scene.harmsOf(machine).size > 0) return;
      // One that waits for the other nodes of its run is no job under way.
      for (const [submission, { state: is, started_at }] of machine.submissions)
        if (
          is === 'running' &&
          (started_at !== null || !isGang(submission)) &&
          !stops.has(submission.slice(0, 26)) &&
          !isParting(submission)
        )
          violated('healthy machine ended', `${machine.ec2}, on which ${submission} runs`);
    },
    acknowledged(path, body) {
      const submission = SubmissionId.safeParse(/^\/v1\/submissions\/([^/]+)\//.exec(path)?.[1]);
      if (!submission.success) return;
      const { job: id, number } = partsOf(submission.data);
      const job = state<JobState>(`Job-${id}`);
      const isOver = job?.past.some((past) => past.submission === number);
      const hasStarted = job?.phase.kind === 'running' || job?.phase.kind === 'stopping';
      if (('exit' in body && !isOver) || ('started' in body && !isOver && !hasStarted))
        violated('acknowledged, not recorded', `${Object.keys(body).at(-1)} of ${submission.data}`);
    },
    stopTaken(run) {
      const kind = state<RunState>(`Run-${run}`)?.phase.kind;
      if (kind !== 'stopping' && kind !== 'finished')
        violated('acknowledged, not recorded', `the stop of ${run}`);
    },
  };
}

const runsOf = (streams: Iterable<StreamRef>): Set<string> =>
  new Set(
    [...streams].flatMap(({ name, id }) => (name === 'Run' || name === 'Job' ? [id.slice(0, 26)] : [])),
  );
