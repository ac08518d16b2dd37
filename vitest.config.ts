import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './test/patience.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Patience, not a measure: whole processes are started and ended, on a machine that may be busy.
    testTimeout: 3 * PATIENCE_MS,
    hookTimeout: 2 * PATIENCE_MS,
    // Most files wait for processes and servers of their own; vitest's own count leaves one worker on two cores.
    maxWorkers: 3,
  },
});
