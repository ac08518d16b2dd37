import type { CloudCall, CountedCall } from './cloud-call.ts';

/** What a process has asked of the cloud since it last told anybody. */
export interface CallCounts {
  hear(call: CloudCall, times?: number): void;
  /** All of them; they are the taker's to tell, or to give back. */
  take(): readonly CountedCall[];
}

export function callCounts(): CallCounts {
  let counts = new Map<string, CountedCall>();
  return {
    hear({ operation, error }, times = 1) {
      const key = `${operation} ${error}`;
      counts.set(key, { operation, error, times: (counts.get(key)?.times ?? 0) + times });
    },
    take() {
      const taken = [...counts.values()];
      counts = new Map();
      return taken;
    },
  };
}
