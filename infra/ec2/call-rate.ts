import type { Runtime } from '../../domain/kernel/runtime.ts';

/** EC2 throttles by buckets of tokens, one for each call; who keeps to such a bucket is not throttled by it. */
export interface CallRate {
  /** Resolves when the call may be made, in the order of asking. */
  take(): Promise<void>;
}

export function callRate(
  { burst, perSecond }: { burst: number; perSecond: number },
  runtime: Pick<Runtime, 'now' | 'pause'>,
): CallRate {
  let level = burst;
  let at = runtime.now();
  return {
    async take() {
      const now = runtime.now();
      // Below nothing: so many have been promised a token that is still to come.
      level = Math.min(burst, level + ((now - at) / 1_000) * perSecond) - 1;
      at = now;
      if (level < 0) await runtime.pause((-level / perSecond) * 1_000);
    },
  };
}
