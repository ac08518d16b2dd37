import type { EventStore } from '../../domain/kernel/event-store.ts';
import { keyOf } from '../../domain/streams.ts';
import { patientEventStore, type Strike, unkindEventStore } from '../fakes/unkind-event-store.ts';
import type { Ports } from './process.ts';
import type { Scene } from './scene.ts';
import type { Invariant } from './watch.ts';

const striking =
  ({ chance }: Scene): Strike =>
  (call, of) => {
    const writes = call === 'append' || call === 'remind';
    if (writes && chance.strikes('store conflicts', `${call} ${of}`)) return 'conflict';
    return chance.strikes('store throttles', `${call} ${of}`) ? 'throttle' : 'no';
  };

/** The store on a bad day, as it answers each single call. */
export const impatientStore = (scene: Scene): EventStore => unkindEventStore(scene.store, striking(scene));

/** The same with the patience of Sortie's adapter. */
export const faultyStore = (scene: Scene): EventStore => patientEventStore(impatientStore(scene), scene.time);

/** A reminder that was answered is in force: the caller goes away, and counts on it. */
export function watchReminders(
  ports: Ports,
  { store }: Scene,
  violated: (invariant: Invariant, what: string) => void,
): Ports {
  return {
    ...ports,
    store: {
      ...ports.store,
      async remind(stream, due) {
        const before = store.heads.get(keyOf(stream));
        await ports.store.remind(stream, due);
        const after = store.heads.get(keyOf(stream));
        if (after?.due !== undefined && after.due !== due && after === before)
          violated('reminder lost', `${keyOf(stream)} is due at ${after.due}, not at ${due}`);
      },
    },
  };
}
