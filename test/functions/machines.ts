import type { Sighting } from '../../domain/container/sighting.ts';
import type { GangOrder } from '../../domain/gang/order.ts';
import type { Bundle } from '../../domain/job/bundles.ts';
import type { RunnerExit } from '../../domain/job/exit.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import type { StopMode } from '../../domain/kernel/status.ts';
import type { MemoryBundles } from '../fakes/memory-bundles.ts';
import type { Happenings, Machine, World } from '../fakes/world.ts';
import type { Engines } from './engines.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a machine and the commands on it do. Seconds; null: never. May be changed at any time. */
export interface Behaviour {
  /** Until its agent answers. */
  boot: number | null;
  /** Until its user data has finished; as a rule that is when its agent answers. */
  userData: number | null | 'as its agent answers';
  /** What it lacks, whichever job is to start there; null: nothing. */
  lacks: string | null;
  /** How the node's being ready becomes known. */
  ready: 'reported' | 'agent-only';
  commands: number | null;
  status: number;
  /** From TERM to their end. */
  obey: number | null;
  reports: 'arrive' | 'lost';
  /** Of a node of several: what it finds of its container; whether it comes to the rendezvous; seconds of its setup, and how that ends. */
  sighting: Sighting | null;
  comes: 'comes' | 'stays away';
  setup: number;
  setupStatus: number;
  /** What a check of its health finds wrong; null: nothing. */
  ill: string | null;
}

export type Post = (
  path: string,
  token: string | null,
  body: Record<string, unknown>,
) => Promise<
  | { status: number; stop: { mode: StopMode; reason: string } | null; gang?: GangOrder | undefined }
  | 'no-answer'
>;

/** Asked at the moment that it matters; `bundle`: what runs there. */
export type Does = (machine: Machine, bundle: Bundle | null) => Behaviour;

const HEARTBEAT = 30 * SECOND;
const ASK_AGAIN = 15 * SECOND;
const REPORT_AGAIN = 15 * SECOND;

/** Plays the machines: they boot, run what is placed on them, and report as docs/contracts.md has it. */
export function machines(
  on: {
    clock: Pick<VirtualClock, 'now' | 'at'>;
    world: () => World;
    bundles: MemoryBundles;
    post: Post;
    /** Without them a job with a container is played as any other. */
    engines?: Engines;
  },
  does: Does,
): Happenings & {
  readonly starts: ReadonlyMap<string, number>;
  /** The orders that nodes of several went on with. */
  readonly told: readonly { submission: string; order: GangOrder }[];
} {
  const { clock, bundles } = on;
  const starts = new Map<string, number>();
  const iso = () => new Date(clock.now()).toISOString();
  const after = (milliseconds: number, machine: Machine, what: () => Promise<void> | void) =>
    clock.at(clock.now() + milliseconds, () => {
      if (machine.state !== 'terminated') return what();
    });
  const isOver = (machine: Machine, submission: string) =>
    machine.submissions.get(submission)?.state !== 'running';

  /** What the server has said; undefined: nothing. */
  const report = async (machine: Machine, bundle: Bundle, part: Record<string, unknown>) => {
    if (does(machine, bundle).reports === 'lost') return undefined;
    const path = new URL(bundle.report_url).pathname;
    const answer = await on.post(path, bundle.token, { at: iso(), ...part });
    if (answer === 'no-answer' || answer.status >= 500) return undefined;
    if (answer.stop && machine.state !== 'terminated')
      on.world().stop(machine.ec2, bundle.submission, answer.stop.mode, answer.stop.reason);
    return answer;
  };
  const reportUntilHeard = async (machine: Machine, bundle: Bundle, part: Record<string, unknown>) => {
    if ((await report(machine, bundle, part)) === undefined)
      after(REPORT_AGAIN, machine, () => reportUntilHeard(machine, bundle, part));
  };
  const exit = (
    machine: Machine,
    bundle: Bundle,
    how: Pick<RunnerExit, 'cause' | 'status'> & { message?: string },
  ) => {
    if (isOver(machine, bundle.submission)) return;
    if (bundle.container !== null) on.engines?.leave(machine, bundle);
    const over = { signal: null, log_bytes: 0, message: null, ...how };
    on.world().exit(machine.ec2, bundle.submission, over);
    return reportUntilHeard(machine, bundle, { exit: { ...over, at: iso() } });
  };
  const beat = async (machine: Machine, bundle: Bundle): Promise<void> => {
    if (isOver(machine, bundle.submission)) return;
    await report(machine, bundle, {});
    after(HEARTBEAT, machine, () => beat(machine, bundle));
  };
  const running = new Map<string, Bundle>();
  const told: { submission: string; order: GangOrder }[] = [];
  const begin = async (machine: Machine, bundle: Bundle): Promise<void> => {
    if (isOver(machine, bundle.submission)) return;
    on.world().started(machine.ec2, bundle.submission);
    await reportUntilHeard(machine, bundle, { started: { at: iso() } });
    after(HEARTBEAT, machine, () => beat(machine, bundle));
  };
  const checked = async (machine: Machine, bundle: Bundle): Promise<'well' | 'ill'> => {
    if (bundle.health === null || isOver(machine, bundle.submission)) return 'well';
    const { ill: message } = does(machine, bundle);
    if (message === null) await reportUntilHeard(machine, bundle, { health: { passed: true } });
    else await exit(machine, bundle, { cause: 'health', status: null, message });
    return message === null ? 'well' : 'ill';
  };
  const end = (machine: Machine, bundle: Bundle): void => {
    const { commands } = does(machine, bundle);
    const { max_duration } = bundle;
    if (max_duration !== null && (commands === null || commands > max_duration))
      after((1 + max_duration) * SECOND, machine, () =>
        exit(machine, bundle, { cause: 'max_duration', status: null }),
      );
    else if (commands !== null)
      after((1 + commands) * SECOND, machine, () =>
        exit(machine, bundle, { cause: 'commands', status: does(machine, bundle).status }),
      );
  };
  /** Says it until it may go on. */
  const ask = async (
    machine: Machine,
    bundle: Bundle,
    part: () => Record<string, unknown>,
    goesOn: (order: GangOrder) => Promise<void> | void,
  ): Promise<void> => {
    if (isOver(machine, bundle.submission)) return;
    const answer = await report(machine, bundle, part());
    const order = answer?.gang;
    if (isOver(machine, bundle.submission)) return;
    if (order === undefined || order.order === 'wait')
      after(ASK_AGAIN, machine, () => ask(machine, bundle, part, goesOn));
    else await goesOn(order);
  };
  const failed = (machine: Machine, bundle: Bundle, message: string) =>
    exit(machine, bundle, { cause: 'setup', status: null, message });
  /** Then the commands may begin, as far as this node is concerned. */
  const inContainer = async (
    { look, make, takes, setUp }: Engines,
    [machine, bundle]: readonly [Machine, Bundle],
    told: 'attach' | 'launch' | null,
    seen: ReturnType<typeof look>,
    then: () => Promise<void> | void,
  ): Promise<void> => {
    if (isOver(machine, bundle.submission)) return;
    const stage = { at: iso(), name: 'starting', message: 'its container' };
    await reportUntilHeard(machine, bundle, { stage });
    if (isOver(machine, bundle.submission)) return;
    const container = make(machine, bundle, told, seen);
    if ('problem' in container) return failed(machine, bundle, container.problem);
    after(takes(machine, bundle) * SECOND, machine, async () => {
      if (isOver(machine, bundle.submission)) return;
      const problem = setUp(machine, bundle);
      if (problem !== null) return failed(machine, bundle, problem);
      await reportUntilHeard(machine, bundle, { container });
      await then();
    });
  };
  const go = async (machine: Machine, bundle: Bundle): Promise<void> => {
    if (isOver(machine, bundle.submission)) return;
    const problem = (bundle.container && on.engines?.settle(machine, bundle)) ?? null;
    if (problem !== null) return failed(machine, bundle, problem);
    await begin(machine, bundle);
    end(machine, bundle);
  };
  const meet = (machine: Machine, bundle: Bundle) => {
    const { comes, sighting, setup } = does(machine, bundle);
    if (comes === 'stays away') return;
    const address = `10.0.0.${(bundle.gang?.rank ?? 0) + 1}`;
    const engines = bundle.container === null ? undefined : on.engines;
    const seen = engines ? engines.look(machine, bundle) : sighting;
    const arrived = () => ({ arrived: { address, sighting: seen } });
    return ask(machine, bundle, arrived, (order) => {
      told.push({ submission: bundle.submission, order });
      const next = () => prepared(machine, bundle);
      const container = order.order === 'prepare' ? order.container : null;
      return engines && seen
        ? inContainer(engines, [machine, bundle], container, seen, next)
        : after(setup * SECOND, machine, next);
    });
  };
  const prepared = (machine: Machine, bundle: Bundle) => {
    const status = does(machine, bundle).setupStatus;
    if (status !== 0)
      return exit(machine, bundle, { cause: 'setup', status, message: `setup failed on ${machine.ec2}` });
    return ask(
      machine,
      bundle,
      () => ({ prepared: { at: iso() } }),
      async (order) => {
        told.push({ submission: bundle.submission, order });
        await go(machine, bundle);
      },
    );
  };

  /** As user data does it: until it is heard. */
  const reportReady = async (machine: Machine): Promise<void> => {
    const { instance, nonce } = machine.intent;
    const answer = await on.post(`/v1/instances/${instance}/report`, null, { nonce, ready: { at: iso() } });
    if (answer === 'no-answer' || answer.status >= 500)
      after(REPORT_AGAIN, machine, () => reportReady(machine));
  };

  return {
    starts,
    told,
    launched(machine) {
      const { boot, userData } = does(machine, null);
      if (boot !== null) after(boot * SECOND, machine, () => on.world().register(machine.ec2));
      const finishes = userData === 'as its agent answers' ? boot : userData;
      if (finishes === null) return;
      after(finishes * SECOND, machine, async () => {
        on.world().finishUserData(machine.ec2);
        if (does(machine, null).ready === 'reported') await reportReady(machine);
      });
    },
    placed(machine, submission) {
      starts.set(submission, (starts.get(submission) ?? 0) + 1);
      const bundle = bundles.fetch(machine.submissions.get(submission)?.bundleUrl ?? '');
      if (bundle === undefined) throw new Error(`the bundle of ${submission} is gone before its start`);
      running.set(submission, bundle);
      const { lacks } = does(machine, bundle);
      if (lacks !== null) {
        after(SECOND, machine, () =>
          exit(machine, bundle, { cause: 'instance', status: null, message: lacks }),
        );
        return;
      }
      const engines = bundle.container === null ? undefined : on.engines;
      const next = () => {
        if (bundle.gang !== null) return meet(machine, bundle);
        if (engines === undefined) return begin(machine, bundle);
        const seen = engines.look(machine, bundle);
        return inContainer(engines, [machine, bundle], null, seen, () => go(machine, bundle));
      };
      after(SECOND, machine, async () => {
        if ((await checked(machine, bundle)) === 'well') await next();
      });
      if (bundle.gang === null && engines === undefined) end(machine, bundle);
    },
    stopping(machine, submission) {
      const bundle = running.get(submission);
      const mode = machine.submissions.get(submission)?.stop?.mode;
      if (bundle === undefined) return;
      const patience = mode === 'abort' ? 0 : does(machine, bundle).obey;
      if (patience !== null)
        after(patience * SECOND, machine, () => exit(machine, bundle, { cause: 'stopped', status: 143 }));
    },
    ended() {},
  };
}
