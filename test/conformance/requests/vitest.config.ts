import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { needTags } from '../../needs.ts';
import { PATIENCE_MS } from '../../patience.ts';

// The adapters' own tests, and runs end to end, for the functions' calls.
export default defineConfig({
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  test: {
    setupFiles: [fileURLToPath(new URL('./record.ts', import.meta.url))],
    include: ['test/{infra,end-to-end}/**/*.test.ts'],
    tags: needTags,
    testTimeout: 3 * PATIENCE_MS,
    hookTimeout: 2 * PATIENCE_MS,
    maxWorkers: 3,
  },
});
