import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import common from '../../../vitest.config.ts';

// The adapters' own tests, and runs end to end, for the functions' calls.
export default mergeConfig(
  common,
  defineConfig({
    root: fileURLToPath(new URL('../../../', import.meta.url)),
    test: { setupFiles: [fileURLToPath(new URL('./record.ts', import.meta.url))] },
  }),
);
