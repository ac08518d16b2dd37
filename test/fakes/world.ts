import type { GroupOutcome, WantedGroup } from '../../domain/fleet/cloud-groups.ts';
import type { LaunchIntent, LaunchOutcome, ListedInstance } from '../../domain/instance/cloud.ts';
import type { ProbedSubmission } from '../../domain/job/commands.ts';
import type { RunnerExit } from '../../domain/job/exit.ts';
import type { Instant } from '../../domain/kernel/instant.ts';
import type { StopMode } from '../../domain/kernel/status.ts';

/** A submission's directory on a machine's disk. */
export interface Placed {
  readonly bundleUrl: string;
  state: ProbedSubmission['state'];
  started_at: Instant | null;
  exit: RunnerExit | null;
  stop: { readonly mode: StopMode; readonly reason: string } | null;
}

export interface Machine {
  readonly ec2: string;
  readonly intent: LaunchIntent;
  /** Those of the user: as launched, until they are changed. */
  tags: Readonly<Record<string, string>>;
  state: ListedInstance['state'];
  /** `lost` was online once: SSM takes commands for it, and delivers those still fresh when it is back. */
  agent: 'unregistered' | 'online' | 'lost';
  /** Before it has finished, nothing can start here, whoever answers. */
  userData: 'at work' | 'finished';
  /** Why the cloud ended it; null while it lives, or where somebody asked for it. */
  end: ListedInstance['end'];
  readonly submissions: Map<string, Placed>;
  readonly undelivered: { readonly until: Instant; readonly deliver: () => void }[];
}

/** What goes wrong from now on. All of it may be changed at any time. */
export interface Faults {
  /** EC2's answer to a launch, instead of launching. */
  refuse: (intent: LaunchIntent) => Exclude<LaunchOutcome, { kind: 'launched' }> | 'no';
  /** How many of the next replies get lost, after the work was done. */
  lostReplies: {
    launch: number;
    terminate: number;
    retag: number;
    send: number;
    createGroup: number;
    deleteGroup: number;
  };
  /** Services that do not answer. */
  outage: ReadonlySet<'ec2' | 'ssm'>;
  /** With which reason EC2 ends new machines, at once; null: it does not. */
  takeBack: ListedInstance['end'];
  terminate: 'works' | 'throttled';
  delivery: 'once' | 'twice';
  /** EC2's answer to the creation of a placement group, instead of it. */
  refuseGroup: Exclude<GroupOutcome, { kind: 'there' }> | 'no';
  /** Machines (EC2 ids) that no command may be sent to. */
  denied: ReadonlySet<string>;
  /** Machines (EC2 ids) whose disk is full: no job's directory comes about there. */
  fullDisks: ReadonlySet<string>;
}

/** Machines, their agents and what runs on them: what EC2 and SSM show, each in its own way. */
export interface World {
  readonly machines: ReadonlyMap<string, Machine>;
  /** Placement groups, by our id. */
  readonly groups: Map<string, WantedGroup>;
  readonly faults: Faults;
  now(): Instant;
  add(intent: LaunchIntent): Machine;
  machine(ec2: string): Machine;
  /** The machine runs, its user data has finished and its agent answers. */
  boot(ec2: string): void;
  /** The machine runs; these come in any order. */
  register(ec2: string): void;
  finishUserData(ec2: string): void;
  loseAgent(ec2: string): void;
  findAgent(ec2: string): void;
  /** The machine and all that runs on it are gone, by whoever's will. */
  end(ec2: string, why?: ListedInstance['end']): void;
  place(ec2: string, submission: string, bundleUrl: string): void;
  stop(ec2: string, submission: string, mode: StopMode, reason: string): void;
  started(ec2: string, submission: string): void;
  exit(ec2: string, submission: string, exit: RunnerExit): void;
}

/** What happens on the machines, for a simulation to carry on from. */
export interface Happenings {
  readonly launched: (machine: Machine) => void;
  readonly placed: (machine: Machine, submission: string) => void;
  readonly stopping: (machine: Machine, submission: string) => void;
  readonly ended: (machine: Machine) => void;
}

export function createWorld(now: () => Instant, happenings: Partial<Happenings> = {}): World {
  const machines = new Map<string, Machine>();
  const machine = (ec2: string): Machine => {
    const found = machines.get(ec2);
    if (found === undefined) throw new Error(`no machine ${ec2}`);
    return found;
  };
  const placed = (ec2: string, submission: string): Placed => {
    const found = machine(ec2).submissions.get(submission);
    if (found === undefined) throw new Error(`nothing of ${submission} on ${ec2}`);
    return found;
  };
  const faults: Faults = {
    refuse: () => 'no',
    lostReplies: { launch: 0, terminate: 0, retag: 0, send: 0, createGroup: 0, deleteGroup: 0 },
    outage: new Set(),
    takeBack: null,
    terminate: 'works',
    delivery: 'once',
    refuseGroup: 'no',
    denied: new Set(),
    fullDisks: new Set(),
  };
  return {
    machines,
    groups: new Map(),
    faults,
    now,
    machine,
    add(intent) {
      const ec2 = `i-${(machines.size + 1).toString(16).padStart(17, '0')}`;
      const added: Machine = {
        ec2,
        intent,
        tags: intent.tags,
        state: 'pending',
        agent: 'unregistered',
        userData: 'at work',
        end: null,
        submissions: new Map(),
        undelivered: [],
      };
      machines.set(ec2, added);
      happenings.launched?.(added);
      return added;
    },
    boot(ec2) {
      this.register(ec2);
      this.finishUserData(ec2);
    },
    register(ec2) {
      const booted = machine(ec2);
      if (booted.state === 'pending') booted.state = 'running';
      if (booted.state === 'running' && booted.agent === 'unregistered') booted.agent = 'online';
    },
    finishUserData(ec2) {
      const booted = machine(ec2);
      if (booted.state === 'pending') booted.state = 'running';
      booted.userData = 'finished';
    },
    loseAgent(ec2) {
      machine(ec2).agent = 'lost';
    },
    findAgent(ec2) {
      const found = machine(ec2);
      found.agent = 'online';
      for (const { until, deliver } of found.undelivered.splice(0)) if (now() < until) deliver();
    },
    end(ec2, why = null) {
      const ended = machine(ec2);
      if (ended.state === 'terminated') return;
      ended.state = 'terminated';
      ended.end = why;
      ended.agent = 'unregistered';
      happenings.ended?.(ended);
    },
    place(ec2, submission, bundleUrl) {
      const on = machine(ec2);
      // Refused without a trace.
      if (on.userData !== 'finished') return;
      // The directory is the guard: a second delivery finds it.
      if (on.submissions.has(submission) || faults.fullDisks.has(ec2)) return;
      on.submissions.set(submission, {
        bundleUrl,
        state: 'running',
        started_at: null,
        exit: null,
        stop: null,
      });
      happenings.placed?.(on, submission);
    },
    stop(ec2, submission, mode, reason) {
      const on = machine(ec2);
      const stopped = on.submissions.get(submission);
      if (stopped?.state !== 'running') return;
      stopped.stop = { mode, reason };
      happenings.stopping?.(on, submission);
    },
    started(ec2, submission) {
      placed(ec2, submission).started_at ??= now();
    },
    exit(ec2, submission, exit) {
      Object.assign(placed(ec2, submission), { state: 'exited', exit });
    },
  };
}

/** What a caller sees of an answer that never came. */
export const lostReply = (operation: string): Error => new Error(`${operation}: socket hang up`);
