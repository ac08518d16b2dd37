/** For an SDK client: without these a call may wait for ever. Milliseconds until the answer is complete. */
export const timeouts = (requestTimeout: number) => ({
  connectionTimeout: 3_000,
  requestTimeout,
  // Without it the SDK only logs a warning and goes on waiting.
  throwOnRequestTimeout: true,
});
