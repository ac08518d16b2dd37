import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Patience, not a measure: whole processes are started and ended, on a machine that may be busy.
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // Most files wait for processes and servers of their own; vitest's own count leaves one worker on two cores.
    maxWorkers: 3,
  },
});
