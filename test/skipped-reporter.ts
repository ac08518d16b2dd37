import type { Reporter, TestModule } from 'vitest/node';
import { requiresAll, toInstall } from './needs.ts';

/** Ends a run with one line that counts the skipped tests and says what to install for them. In CI such a run fails. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules
      .flatMap((module) => [...module.children.allTests('skipped')])
      .filter(({ tags }) => tags.length > 0);
    const lacking = toInstall([...new Set(skipped.flatMap(({ tags }) => tags))]);
    if (lacking.length === 0) return;
    console.log(`Skipped ${skipped.length} tests, which need: ${lacking.join('; ')}.`);
    if (requiresAll(process.env)) process.exitCode = 1;
  }
}
