import type { EventStore } from '../../domain/kernel/event-store.ts';
import type { Runtime } from '../../domain/kernel/runtime.ts';
import { patiently } from '../../infra/dynamodb/patience.ts';

/** By which of DynamoDB's errors a call fails, before it has done anything. */
export type Strike = (call: keyof EventStore, of: string) => 'conflict' | 'throttle' | 'no';

/** The errors of DynamoDB, by their names and reasons. */
const refused = (name: string, reasons: readonly string[] = []): Error =>
  Object.assign(new Error(name), { name, CancellationReasons: reasons.map((Code) => ({ Code })) });

/** An event store that answers as DynamoDB does when others write the same items, or when it is asked too much. */
export function unkindEventStore(store: EventStore, strike: Strike): EventStore {
  const refuse = (call: keyof EventStore, of: string): void => {
    switch (strike(call, of)) {
      case 'conflict':
        throw call === 'append'
          ? refused('TransactionCanceledException', ['None', 'TransactionConflict'])
          : refused('TransactionConflictException');
      case 'throttle':
        throw call === 'append'
          ? refused('TransactionCanceledException', ['ThrottlingError', 'None'])
          : refused('ThrottlingException');
      case 'no':
    }
  };
  return {
    async load(stream, id) {
      refuse('load', `${stream.name}-${id}`);
      return store.load(stream, id);
    },
    async append(changes, provenance, aliases) {
      refuse('append', changes.map(({ stream: { name, id } }) => `${name}-${id}`).join());
      return store.append(changes, provenance, aliases);
    },
    async remind(stream, due) {
      refuse('remind', `${stream.name}-${stream.id}`);
      return store.remind(stream, due);
    },
    async alias(kind, key) {
      refuse('alias', key);
      return store.alias(kind, key);
    },
    async history(stream, after, limit) {
      refuse('history', `${stream.name}-${stream.id}`);
      return store.history(stream, after, limit);
    },
    async work(stream, key, limit, after) {
      refuse('work', key);
      return store.work(stream, key, limit, after);
    },
    async list(key, limit, from, within) {
      refuse('list', key);
      return store.list(key, limit, from, within);
    },
    async due(now, limit) {
      refuse('due', '');
      return store.due(now, limit);
    },
  };
}

/** With the patience that the real store has. */
export const patientEventStore = (
  store: EventStore,
  runtime: Pick<Runtime, 'pause' | 'random'>,
): EventStore => ({
  load: (...call) => patiently(() => store.load(...call), runtime),
  append: (...call) => patiently(() => store.append(...call), runtime),
  remind: (...call) => patiently(() => store.remind(...call), runtime),
  alias: (...call) => patiently(() => store.alias(...call), runtime),
  history: (...call) => patiently(() => store.history(...call), runtime),
  work: (...call) => patiently(() => store.work(...call), runtime),
  list: (...call) => patiently(() => store.list(...call), runtime),
  due: (...call) => patiently(() => store.due(...call), runtime),
});
