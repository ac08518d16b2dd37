import { constants } from 'node:os';
import type { Commands } from '../commands.ts';

/**
 * A client tells of a signal as a shell does, by 128 and its number, which commands may also say of themselves. It is
 * taken for the signal only where we have sent that one.
 */
export function endAsTold(commands: Commands): Commands {
  const sent: ('SIGTERM' | 'SIGKILL')[] = [];
  return {
    ...commands,
    // The cgroup is that of the engine's client: the engine keeps containers in others.
    killedForMemory() {
      commands.killedForMemory();
      return null;
    },
    processes: {
      ...commands.processes,
      signal(name) {
        sent.push(name);
        return commands.processes.signal(name);
      },
    },
    shellEnded: commands.shellEnded.then((end) => {
      const signal = sent.find((name) => end.status === 128 + constants.signals[name]);
      return signal === undefined ? end : { status: null, signal };
    }),
  };
}
