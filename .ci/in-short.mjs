// A vitest reporter that lists in a few lines what failed, ahead of the long report.
export default class {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests('failed')]);
    if (tests.length === 0) return;
    console.log(`\n${tests.length} failed:`);
    for (const test of tests) {
      console.log(`- ${test.module.relativeModuleId}: ${test.fullName}`);
      for (const { message, diff = '' } of test.result().errors ?? []) {
        const differs = diff.split('\n').filter((line) => /^[-+]/.test(line));
        for (const line of [message.split('\n')[0], ...differs].slice(0, LINES))
          console.log(`    ${line.slice(0, 300)}`);
      }
    }
  }
}

const LINES = 20;
