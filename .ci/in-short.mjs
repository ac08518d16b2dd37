// A vitest reporter that says in a few lines what failed, before the long account of it, and what passed only when it was run once more.
export default class {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    this.#list(
      'failed',
      tests.filter((test) => test.result().state === 'failed'),
    );
    this.#list(
      'passed only when run once more',
      tests.filter((test) => test.diagnostic()?.flaky),
    );
  }

  #list(what, tests) {
    if (tests.length === 0) return;
    console.log(`\n${tests.length} ${what}:`);
    for (const test of tests) {
      console.log(`- ${test.module.relativeModuleId}: ${test.fullName}`);
      for (const { message } of test.result().errors ?? [])
        console.log(`    ${message.split('\n')[0].slice(0, 300)}`);
    }
  }
}
