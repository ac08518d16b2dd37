import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ask, Measured, Ready } from './table-requests.ts';

/** A Sortie on a table, in a process of its own: functions read their environment once a process. */
export interface Table {
  readonly ready: Ready;
  measure(ask: Ask): Promise<Measured>;
  end(): Promise<void>;
}

export async function startTable(...args: string[]): Promise<Table> {
  const child = fork(fileURLToPath(new URL('table-requests.ts', import.meta.url)), args);
  const ended = once(child, 'exit');
  const answer = async <T>(): Promise<T> => {
    const first = await Promise.race([
      once(child, 'message').then(([message]) => ({ message: message as T })),
      ended.then(([code]) => ({ code: code as number | null })),
    ]);
    if ('code' in first) throw new Error(`the table's process ended with ${first.code}`);
    return first.message;
  };
  return {
    ready: await answer<Ready>(),
    measure(ask) {
      child.send(ask);
      return answer<Measured>();
    },
    async end() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
