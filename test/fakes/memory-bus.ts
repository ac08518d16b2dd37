import type { Bus } from '../../domain/kernel/bus.ts';
import type { Commit } from '../../domain/kernel/stream.ts';

export interface MemoryBus extends Bus {
  readonly published: readonly Commit[];
  /** While it is out, it takes nothing. */
  out: boolean;
}

export function memoryBus(): MemoryBus {
  const published: Commit[] = [];
  return {
    published,
    out: false,
    async publish(commits) {
      if (this.out) throw new Error('the bus does not answer');
      published.push(...commits);
    },
  };
}
