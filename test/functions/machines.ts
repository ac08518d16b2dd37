import type { Bundle } from '../../domain/job/bundles.ts';
import type { RunnerExit } from '../../domain/job/exit.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import type { StopMode } from '../../domain/kernel/status.ts';
import type { MemoryBundles } from '../fakes/memory-bundles.ts';
import type { Happenings, Machine, World } from '../fakes/world.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a machine and the commands on it do. Seconds; null: never. May be changed at any time. */
export interface Behaviour {
  boot: number | null;
  /** How the node's being ready becomes known. */
  ready: 'reported' | 'agent-only';
  commands: number | null;
  status: number;
  /** From TERM to their end. */
  obey: number | null;
  reports: 'arrive' | 'lost';
}

export type Post = (
  path: string,
  token: string | null,
  body: Record<string, unknown>,
) => Promise<{ status: number; stop: { mode: StopMode; reason: string } | null } | 'no-answer'>;

/** Asked at the moment that it matters; `bundle`: what runs there. */
export type Does = (machine: Machine, bundle: Bundle | null) => Behaviour;

const HEARTBEAT = 30 * SECOND;
const REPORT_AGAIN = 15 * SECOND;

/** Plays the machines: they boot, run what is placed on them, and report as docs/contracts.md has it. */
export function machines(
  on: { clock: Pick<VirtualClock, 'now' | 'at'>; world: () => World; bundles: MemoryBundles; post: Post },
  does: Does,
): Happenings & { readonly starts: ReadonlyMap<string, number> } {
  const { clock, bundles } = on;
  const starts = new Map<string, number>();
  const iso = () => new Date(clock.now()).toISOString();
  const after = (milliseconds: number, machine: Machine, what: () => Promise<void> | void) =>
    clock.at(clock.now() + milliseconds, () => {
      if (machine.state !== 'terminated') return what();
    });
  const isOver = (machine: Machine, submission: string) =>
    machine.submissions.get(submission)?.state !== 'running';

  /** `true`: the server has spoken, whatever it said. */
  const report = async (
    machine: Machine,
    bundle: Bundle,
    part: Record<string, unknown>,
  ): Promise<boolean> => {
    if (does(machine, bundle).reports === 'lost') return false;
    const path = new URL(bundle.report_url).pathname;
    const answer = await on.post(path, bundle.token, { at: iso(), ...part });
    if (answer === 'no-answer' || answer.status >= 500) return false;
    if (answer.stop && machine.state !== 'terminated')
      on.world().stop(machine.ec2, bundle.submission, answer.stop.mode, answer.stop.reason);
    return true;
  };
  const reportUntilHeard = async (machine: Machine, bundle: Bundle, part: Record<string, unknown>) => {
    if (!(await report(machine, bundle, part)))
      after(REPORT_AGAIN, machine, () => reportUntilHeard(machine, bundle, part));
  };
  const exit = (machine: Machine, bundle: Bundle, how: Pick<RunnerExit, 'cause' | 'status'>) => {
    if (isOver(machine, bundle.submission)) return;
    const over = { ...how, signal: null, log_bytes: 0, message: null };
    on.world().exit(machine.ec2, bundle.submission, over);
    return reportUntilHeard(machine, bundle, { exit: { ...over, at: iso() } });
  };
  const beat = async (machine: Machine, bundle: Bundle): Promise<void> => {
    if (isOver(machine, bundle.submission)) return;
    await report(machine, bundle, {});
    after(HEARTBEAT, machine, () => beat(machine, bundle));
  };
  const running = new Map<string, Bundle>();

  return {
    starts,
    launched(machine) {
      const { boot } = does(machine, null);
      if (boot === null) return;
      after(boot * SECOND, machine, async () => {
        on.world().boot(machine.ec2);
        const { instance, nonce } = machine.intent;
        if (does(machine, null).ready === 'reported')
          await on.post(`/v1/instances/${instance}/report`, null, { nonce, ready: { at: iso() } });
      });
    },
    placed(machine, submission) {
      starts.set(submission, (starts.get(submission) ?? 0) + 1);
      const bundle = bundles.fetch(machine.submissions.get(submission)?.bundleUrl ?? '');
      if (bundle === undefined) throw new Error(`the bundle of ${submission} is gone before its start`);
      running.set(submission, bundle);
      after(SECOND, machine, async () => {
        if (isOver(machine, submission)) return;
        on.world().started(machine.ec2, submission);
        await reportUntilHeard(machine, bundle, { started: { at: iso() } });
        after(HEARTBEAT, machine, () => beat(machine, bundle));
      });
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
