import type { FleetEvent } from '../../domain/fleet/events.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import type { EventStore } from '../../domain/kernel/event-store.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import { type Change, change } from '../../domain/kernel/stream.ts';
import type { Machine } from '../fakes/world.ts';
import type { Ports } from './process.ts';
import type { Sabotage } from './simulate.ts';

// Bugs that others have had, built into the ports: the simulation has to find each of them.

const withStore = (ports: Ports, store: Partial<EventStore>): Ports => ({
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
        })),
      ];
    },
  },
});
