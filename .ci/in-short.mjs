// A vitest reporter that says in a few lines what failed, before the long account of it, and what passed only when it was run once more.
export default class {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    list(
      'failed',
      tests.filter((test) => test.result().state === 'failed'),
    );
    list(
      'passed only when run once more',
      tests.filter((test) => test.diagnostic()?.flaky),
    );
  }
}

const LINES = 20;

function list(what, tests) {
  if (tests.length === 0) return;
  console.log(`\n${tests.length} ${what}:`);
  for (const test of tests) {
    console.log(`- ${test.module.relativeModuleId}: ${test.fullName}`);
    for (const { message, diff = '' } of test.result().errors ?? []) {
      const differs = diff.split('\n').filter((line) => /^[-+]/.test(line));
      for (const line of [message.split('\n')[0], ...differs].slice(0, LINES))
        console.log(`    ${line.slice(0, 300)}`);
    }
  }
}
