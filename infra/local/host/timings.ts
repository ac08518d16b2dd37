/** How long things last. The defaults are AWS's, but where one machine gains by less; tests shorten them. */
export type Timings = {
  /** A minute of `rate(n minutes)` and of the wait before an asynchronous retry. */
  minuteMs: number;
  /** An HTTP API gives an integration 30 s at most. */
  integrationTimeoutMs: number;
  /** Between two reads of a quiet stream. Lambda: 250 ms. */
  pollMs: number;
  /** Between two reads within a second of the last record: the next one is usually near. */
  busyPollMs: number;
  /** Between two reads of a stream whose writes wake the reading: it heals a wake that was lost. */
  backstopMs: number;
  /** Before the first retry of a stream batch; doubled for each one after it, up to `retryLimitMs`. Lambda states no figures. */
  retryMs: number;
  retryLimitMs: number;
};

export const defaultTimings: Timings = {
  minuteMs: 60_000,
  integrationTimeoutMs: 30_000,
  pollMs: 20,
  busyPollMs: 4,
  backstopMs: 250,
  retryMs: 50,
  retryLimitMs: 5_000,
};
