import type { FleetEvent } from '../../domain/fleet/events.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import type { InstanceEvent } from '../../domain/instance/events.ts';
import { Instance } from '../../domain/instance/stream.ts';
import type { JobState } from '../../domain/job/state.ts';
import type { EventStore } from '../../domain/kernel/event-store.ts';
import { type Instant, SECOND } from '../../domain/kernel/instant.ts';
import {
  type Change,
  change,
  type DomainEvent,
  type Loaded,
  type Stream,
  type StreamRef,
} from '../../domain/kernel/stream.ts';
import { Run } from '../../domain/run/stream.ts';
import { keyOf } from '../../domain/streams.ts';
import type { Machine } from '../fakes/world.ts';
import { impatientStore } from './faulty-store.ts';
import { SHORTEST_HOLD } from './fleet-plan.ts';
import type { Ports } from './process.ts';
import type { Sabotage } from './simulate.ts';

// Bugs that others have had, built into the ports: the simulation has to find each of them.

export const withStore = (ports: Ports, store: Partial<EventStore>): Ports => ({
  ...ports,
  store: { ...ports.store, ...store },
});

/** What a runner reports is acknowledged, and recorded nowhere. */
export const lostAck: Sabotage = (ports) =>
  withStore(ports, {
    append: async (changes, provenance, aliases) =>
      provenance.by === 'runner' ? 'appended' : ports.store.append(changes, provenance, aliases),
  });

/** RunInstances without its client token: a call that is repeated launches again. */
export const noLaunchToken: Sabotage = (ports, { world }) => {
  const known = (instance: string): Machine[] =>
    [...world.machines.values()].filter(({ intent }) => intent.instance === instance);
  return {
    ...ports,
    cloud: {
      ...ports.cloud,
      launch: async (intent) => {
        if (known(intent.instance).length > 0) return { kind: 'launched', ec2: world.add(intent).ec2 };
        return ports.cloud.launch(intent);
      },
    },
  };
};

/** Whether the fleet has room is asked, and two seconds later the place is taken without asking again. */
export const checkThenAct: Sabotage = (ports, { time }) => {
  const { store } = ports;
  /** The same events, on whatever the fleet has become meanwhile. */
  const rebased = async (one: Change): Promise<Change> => {
    if (one.stream.name !== 'Fleet') return one;
    const now = await store.load(Fleet, one.stream.id);
    const events = one.events.filter(({ type }) => type !== 'FleetCreated' || now.state === undefined);
    return change(now, events as FleetEvent[], one.at);
  };
  return withStore(ports, {
    async append(changes, provenance, aliases) {
      const takes = changes.some(({ events }) => events.some(({ type }) => type === 'LaunchReserved'));
      if (!takes) return store.append(changes, provenance, aliases);
      await time.after(2 * SECOND);
      return store.append(await Promise.all(changes.map(rebased)), provenance, aliases);
    },
  });
};

/** A refusal that is in no table is taken for one that every offer would get. */
export const unclassifiedIsFatal: Sabotage = (ports) => ({
  ...ports,
  cloud: {
    ...ports.cloud,
    launch: async (intent) => {
      const outcome = await ports.cloud.launch(intent);
      return outcome.kind === 'refused' && outcome.refusal.class === 'unclassified'
        ? { kind: 'refused', refusal: { ...outcome.refusal, class: 'fatal' } }
        : outcome;
    },
  },
});

/** A write that meets another's transaction is an error. */
export const conflictThrown: Sabotage = (ports, scene) =>
  withStore(ports, { remind: impatientStore(scene).remind });

/** A write that meets another's transaction is let go. */
export const conflictForgotten: Sabotage = (ports, scene) =>
  withStore(ports, {
    async remind(stream, due) {
      try {
        await impatientStore(scene).remind(stream, due);
      } catch {
        // As if it had been made.
      }
    },
  });

/** A job that is over leaves its instance claimed. */
export const claimNeverReleased: Sabotage = (ports) =>
  withStore(ports, {
    append: (changes, provenance, aliases) =>
      ports.store.append(
        changes.filter(({ events }) => !events.some(({ type }) => type === 'InstanceReleased')),
        provenance,
        aliases,
      ),
  });

/** Nobody looks when a job that is to be tried again has waited long enough. */
export const retryNeverComes: Sabotage = (ports, { store: { heads } }) => {
  const backsOff = (stream: StreamRef) =>
    (heads.get(keyOf(stream))?.state as Partial<JobState> | undefined)?.phase?.kind === 'backing_off';
  return withStore(ports, {
    due: async (now, limit) => (await ports.store.due(now, limit)).filter((stream) => !backsOff(stream)),
  });
};

/** What EC2 does not list is taken to be dead at once. */
export const notFoundIsDead: Sabotage = (ports, { world }) => ({
  ...ports,
  cloud: {
    ...ports.cloud,
    list: async () => {
      const listed = await ports.cloud.list();
      const found = new Set(listed.map(({ ec2 }) => ec2));
      const dead = [...world.machines.values()].filter(({ ec2 }) => !found.has(ec2));
      return [
        ...listed,
        ...dead.map(({ ec2, intent: { instance, nonce } }) => ({
          ...{ ec2, instance, nonce },
          state: 'terminated' as const,
          end: null,
        })),
      ];
    },
  },
});

/** A fleet is as it was first configured, whatever it was changed to. */
export const changedFleetUnseen: Sabotage = (ports) => {
  const first = new Map<string, Partial<FleetState>>();
  return seenAs(ports, Fleet, (state, id) => {
    const { configuration, limits } = state;
    if (configuration !== null && !first.has(id)) first.set(id, { configuration, limits });
    return { ...state, ...first.get(id) };
  });
};

/** A changed fleet launches as it is configured now, and leaves what it has as it is. */
export const changeNotRolledOut: Sabotage = (ports) =>
  withStore(ports, {
    async append(changes, provenance, aliases) {
      const without = changes.map(async (one) => {
        if (!one.events.some(({ type }) => type === 'RolloutStarted')) return one;
        const now = await ports.store.load(Fleet, one.stream.id);
        const events = one.events.filter(({ type }) => type !== 'RolloutStarted') as FleetEvent[];
        return now.version === one.expected ? change(now, events, one.at) : one;
      });
      return ports.store.append(await Promise.all(without), provenance, aliases);
    },
  });

/** That an operator has an instance on hold is heard of two minutes later. */
export const holdHeardLate: Sabotage = (ports, { time }) => {
  const since = new Map<string, Instant>();
  return seenAs(ports, Instance, (state, id) => {
    if (state.withheld?.behavior !== 'hold') return state;
    const heard = (since.get(id) ?? time.now()) + SHORTEST_HOLD;
    since.set(id, heard - SHORTEST_HOLD);
    return time.now() < heard ? { ...state, withheld: null } : state;
  });
};

/** That a node has failed its check is written down, and that is all. */
export const illNodeKept: Sabotage = (ports) =>
  withStore(ports, {
    async append(changes, provenance, aliases) {
      const without = changes.map(async (one) => {
        if (!one.events.some(({ type }) => type === 'HealthFailed')) return one;
        const now = await ports.store.load(Instance, one.stream.id);
        const events = one.events.filter(({ type }) => type !== 'IdleBehaviorSet') as InstanceEvent[];
        return now.version === one.expected ? change(now, events, one.at) : one;
      });
      return ports.store.append(await Promise.all(without), provenance, aliases);
    },
  });

/**
 * An agent that answers is taken for a machine that is ready, and a start that comes before user data has finished for a
 * set-up of the job's that failed.
 */
export const bootRace: Sabotage = (ports, { world, lacking }) => ({
  ...ports,
  commands: {
    ...ports.commands,
    async probe(ec2s) {
      const probed = await ports.commands.probe(ec2s);
      const found = (ec2: string) =>
        [...(world.machines.get(ec2)?.submissions ?? [])].map(([submission, { started_at, exit }]) => ({
          ...{ submission, started_at, exit },
          state: 'exited' as const,
        }));
      return new Map(
        [...probed].map(([ec2, probe]) => [
          ec2,
          probe.kind === 'booting' ? { kind: 'answered', submissions: found(ec2) } : probe,
        ]),
      );
    },
    async start(ec2, submission, bundleUrl) {
      const sent = await ports.commands.start(ec2, submission, bundleUrl);
      const machine = world.machines.get(ec2);
      if (sent.kind !== 'sent' || machine?.userData !== 'at work' || machine.agent !== 'online') return sent;
      const message = 'node is not on the PATH of the SSM agent';
      const exit = { cause: 'setup' as const, status: null, signal: null, log_bytes: 0, message };
      machine.submissions.set(submission, {
        ...{ bundleUrl, started_at: null, exit, stop: null },
        state: 'exited',
      });
      lacking.add(submission);
      return sent;
    },
  },
});

/** That a machine could not start a job is nobody's business: it takes the next. */
export const blackHole: Sabotage = (ports) =>
  withStore(ports, {
    async append(changes, provenance, aliases) {
      const without = changes.map(async (one) => {
        if (!one.events.some(({ type }) => type === 'StartFailed')) return one;
        const now = await ports.store.load(Instance, one.stream.id);
        const events = one.events.filter(({ type }) => type === 'InstanceReleased') as InstanceEvent[];
        return now.version === one.expected ? change(now, events, one.at) : one;
      });
      return ports.store.append(await Promise.all(without), provenance, aliases);
    },
  });

/** The gang may go as soon as one of its nodes is prepared. */
export const goOfOne: Sabotage = (ports) =>
  seenAs(ports, Run, (state) => {
    const { gang } = state;
    if (gang?.phase.kind !== 'preparing' || gang.phase.prepared.length === 0) return state;
    return { ...state, gang: { ...gang, phase: { kind: 'going' as const } } };
  });

/** At its end a job removes the container that it ran in, whoever made it. */
export const removedOnAttach: Sabotage = (ports, { engines }) => {
  const { leave } = engines;
  engines.leave = (machine, bundle) => {
    const name = bundle.container?.name ?? null;
    if (name !== null) engines.remove(machine, name, bundle.submission);
    leave(machine, bundle);
  };
  return ports;
};

/** What a job had for itself stays behind. */
export const containerLeft: Sabotage = (ports, { engines }) => {
  engines.leave = () => {};
  return ports;
};

/** What is to be kept has its name as soon as it is set up here, however it goes on the other nodes. */
export const namedBeforeGo: Sabotage = (ports, { engines }) => {
  const { setUp, settle } = engines;
  engines.setUp = (machine, bundle) => setUp(machine, bundle) ?? settle(machine, bundle);
  return ports;
};

/** A job's runner is told of no lifetime but the one that is meant by default. */
export const lifetimeForgotten: Sabotage = (ports) => ({
  ...ports,
  bundles: {
    ...ports.bundles,
    put: (key, bundle) => {
      const { container } = bundle;
      return ports.bundles.put(key, {
        ...bundle,
        container: container && { ...container, lifetime: 'per_run' },
      });
    },
  },
});

/** Decisions are made on streams as `seen` has them; what is decided is recorded of what they are. */
export function seenAs<S, E extends DomainEvent>(
  ports: Ports,
  stream: Stream<S, E>,
  seen: (state: S, id: string) => S,
): Ports {
  const { store } = ports;
  const shown = <T, U extends DomainEvent>(loaded: Loaded<T, U>): Loaded<T, U> => {
    if (loaded.stream.name !== stream.name || loaded.state === undefined) return loaded;
    return { ...loaded, state: seen(loaded.state as never, loaded.id) as never };
  };
  return withStore(ports, {
    load: async (of, id) => shown(await store.load(of, id)),
    work: async (of, key, limit) => (await store.work(of, key, limit)).map(shown),
    async append(changes, provenance, aliases) {
      const meant = changes.map(async (one) => {
        if (one.stream.name !== stream.name) return one;
        const now = await store.load(stream, one.stream.id);
        return now.version === one.expected ? change(now, one.events as E[], one.at) : one;
      });
      return store.append(await Promise.all(meant), provenance, aliases);
    },
  });
}
