// Prints `N passed, N failed` from vitest's JSON results, and fails where they are not those of a whole, green run.
import { readFileSync } from 'node:fs';

const results = JSON.parse(readFileSync(process.argv[2], 'utf8'));

// A file that did not even load has no failed test in it, and is a failure all the same.
const unloaded = results.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
);
const failed = results.numFailedTests + unloaded.length;
const leftOut = results.numPendingTests + results.numTodoTests;

for (const { name } of unloaded) console.log(`did not load: ${name}`);
if (leftOut > 0) console.log(`${leftOut} tests were left out: each has to run, or go`);
if (results.numTotalTests === 0) console.log('no test ran');
console.log(`${results.numPassedTests} passed, ${failed} failed`);
if (failed > 0 || leftOut > 0 || results.numPassedTests === 0) process.exitCode = 1;
