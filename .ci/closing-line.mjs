// Prints `N passed, N failed` over vitest's JSON results, and fails where they are not those of whole, green runs.
import { existsSync, readFileSync } from 'node:fs';

const sum = { passed: 0, failed: 0 };
for (const file of process.argv.slice(2)) {
  const { passed, failed, leftOut } = countsOf(file);
  sum.passed += passed;
  sum.failed += failed;
  if (leftOut > 0) console.log(`${leftOut} tests were left out: each has to run, or go (${file})`);
  if (passed === 0) console.log(`no test ran (${file})`);
  if (failed > 0 || leftOut > 0 || passed === 0) process.exitCode = 1;
}
console.log(`${sum.passed} passed, ${sum.failed} failed`);

function countsOf(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0, leftOut: 0 };
  const results = JSON.parse(readFileSync(file, 'utf8'));
  // A file that did not even load has no failed test in it, and is a failure all the same.
  const unloaded = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  for (const { name } of unloaded) console.log(`did not load: ${name}`);
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloaded.length,
    leftOut: results.numPendingTests + results.numTodoTests,
  };
}
