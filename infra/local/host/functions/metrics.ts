/** Counters of one function since the host started. Times in milliseconds; percentiles over the last 4,096 invocations. */
export type FunctionMetrics = {
  invocations: number;
  errors: number;
  timeouts: number;
  throttles: number;
  durationMs: { total: number; max: number; p50: number; p99: number };
};

export type Meter = {
  record(durationMs: number, outcome: 'returned' | 'failed' | 'timed-out'): void;
  throttled(): void;
  read(): FunctionMetrics;
};

const KEPT = 4_096;

export function createMeter(): Meter {
  const recent = new Float64Array(KEPT);
  let [invocations, errors, timeouts, throttles, total, max] = [0, 0, 0, 0, 0, 0];
  return {
    record(durationMs, outcome) {
      recent[invocations % KEPT] = durationMs;
      invocations += 1;
      if (outcome !== 'returned') errors += 1;
      if (outcome === 'timed-out') timeouts += 1;
      total += durationMs;
      max = Math.max(max, durationMs);
    },
    throttled() {
      throttles += 1;
    },
    read() {
      const sorted = recent.slice(0, Math.min(invocations, KEPT)).sort();
      const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
      return {
        invocations,
        errors,
        timeouts,
        throttles,
        durationMs: { total, max, p50: at(0.5), p99: at(0.99) },
      };
    },
  };
}
