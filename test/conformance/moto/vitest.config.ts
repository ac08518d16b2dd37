import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from '../../patience.ts';

// The contract suites at moto; those of DynamoDB take whatever engine SORTIE_DYNAMODB_ENDPOINT names.
export default defineConfig({
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  test: {
    include: ['test/conformance/moto/*.moto.ts', 'test/infra/dynamodb/{event-store,tally}.test.ts'],
    // Longer than a contract waits for what never comes.
    testTimeout: 6 * PATIENCE_MS,
    hookTimeout: 6 * PATIENCE_MS,
    maxWorkers: 3,
  },
});
