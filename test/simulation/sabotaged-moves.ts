import { moveToFleet } from '../../domain/coordination/move-to-fleet.ts';
import type { JobEvent } from '../../domain/job/events.ts';
import type { JobState } from '../../domain/job/state.ts';
import { Job, queueOf } from '../../domain/job/stream.ts';
import type { FleetName } from '../../domain/kernel/ids.ts';
import type { Change } from '../../domain/kernel/stream.ts';
import { seenAs, withStore } from './sabotages.ts';
import type { Sabotage } from './simulate.ts';

// Bugs in how runs go from fleet to fleet.

const hasMoved = ({ events }: Change): boolean => events.some(({ type }) => type === 'JobMoved');

/** A job is given a place in the fleet that it began in, wherever it has gone since. */
export const moveUnseen: Sabotage = (ports) => {
  const first = new Map<string, FleetName>();
  return seenAs(ports, Job, (state, id) => {
    const fleet = first.get(id) ?? state.fleet;
    first.set(id, fleet);
    return { ...state, fleet };
  });
};

/** It waits on in the queue of the fleet that it left. */
export const movedStillListed: Sabotage = (ports) =>
  withStore(ports, {
    append: (changes, provenance, aliases) =>
      ports.store.append(
        changes.map((one) => {
          const { work } = one.head;
          if (!hasMoved(one) || work === undefined) return one;
          const key = queueOf((one.before as JobState).fleet);
          return { ...one, head: { ...one.head, work: { ...work, key } } };
        }),
        provenance,
        aliases,
      ),
  });

/** All nodes of a run go to another fleet, but for the last. */
export const nodeLeftBehind: Sabotage = (ports) =>
  withStore(ports, {
    append(changes, provenance, aliases) {
      const moved = changes.filter(hasMoved);
      const last = moved.length > 1 ? moved.at(-1) : undefined;
      return ports.store.append(
        changes.filter((one) => one !== last),
        provenance,
        aliases,
      );
    },
  });

/** Whoever has to wait goes on to the next of its fleets, whatever it has. */
export const handedOn: Sabotage = (ports, { time }) => {
  const { store } = ports;
  return withStore(ports, {
    async append(changes, provenance, aliases) {
      const outcome = await store.append(changes, provenance, aliases);
      for (const { stream, events, before } of outcome === 'appended' ? changes : []) {
        if (stream.name !== 'Job' || !(events as JobEvent[]).some(({ type }) => type === 'PlacementDeferred'))
          continue;
        const { run, fleet: from, fleets } = before as JobState;
        const to = fleets[(fleets.indexOf(from) + 1) % fleets.length];
        if (to !== undefined)
          await moveToFleet({ store, runtime: time }, provenance, run, { from, to, message: 'it waits' });
      }
      return outcome;
    },
  });
};
