import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { needTags } from './test/needs.ts';
import { PATIENCE_MS } from './test/patience.ts';

/** Checked against recordings that are not part of the repository: `npm run test:corpus`. */
const corpus = ['test/corpus/*.test.ts'];
/** Processes killed, a crash at each call, long simulations: `npm run test:all` has them, `npm test` does not. */
const trouble = [
  'test/**/*{chaos,killed,crashes}.test.ts',
  'test/simulation/{200-seeds,planted-bugs}.test.ts',
];
/** Everything in memory: the files share their workers, which load each module once. It halves the time. */
const inMemory = ['test/{architecture,cli,domain,functions,golden,simulation}/**/*.test.ts'];

const project = (name: string, include: string[], exclude: string[], isolate = true) => ({
  extends: true as const,
  test: { name, include, exclude, isolate },
});

export default defineConfig({
  test: {
    reporters: ['default', './test/skipped-reporter.ts'],
    projects: [
      project('in-memory', inMemory, trouble, false),
      project('machines', ['test/**/*.test.ts'], [...inMemory, ...trouble, ...corpus]),
      project('trouble', trouble, []),
      project('corpus', corpus, []),
    ],
    tags: needTags,
    // Patience, not a measure: whole processes are started and ended, on a machine that may be busy.
    testTimeout: 3 * PATIENCE_MS,
    hookTimeout: 2 * PATIENCE_MS,
    // Many files wait for processes and servers of their own: one more than there are processors keeps those busy.
    maxWorkers: availableParallelism() + 1,
  },
});
