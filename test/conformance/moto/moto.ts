import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Check } from '../check.ts';
import { startMoto } from '../tools/moto-server.ts';
import { PROJECT, run, temporaryFolder } from '../tools/process.ts';
import { pinned, pythonPrograms } from '../tools/python.ts';
import { type Difference, differences } from './differences.ts';

const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url));

const Results = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** The adapters' contract suites at an AWS that others wrote. It may differ only as `differences.ts` says. */
export const moto: Check = {
  name: 'moto',
  async run() {
    const server = await startMoto(join(await pythonPrograms(), 'moto_server'));
    try {
      const file = join(temporaryFolder('moto'), 'results.json');
      const vitest = join(PROJECT, 'node_modules/vitest/vitest.mjs');
      const arguments_ = ['run', '--config', config, '--reporter=json', `--outputFile=${file}`];
      const { stderr } = await run(process.execPath, [vitest, ...arguments_], {
        // Of what never comes at moto the tests need not wait as long as they would elsewhere.
        env: { SORTIE_DYNAMODB_ENDPOINT: server.endpoint, SORTIE_TEST_PATIENCE_MS: '10000' },
      });
      const { testResults } = Results.parse(JSON.parse(readFileSync(file, 'utf8')));
      const unloaded = testResults.filter(
        ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
      );
      const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
      const failed = new Map(
        tests
          .filter(({ status }) => status === 'failed')
          .map(({ fullName, failureMessages }) => [fullName, failureMessages?.join('\n') ?? '']),
      );
      const passed = new Set(
        tests.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName),
      );
      return {
        checked: `moto ${pinned('moto')}: ${passed.size} tests of the contract suites pass, ${failed.size} do not`,
        findings: [
          ...unloaded.map(({ name, message }) => `${name} did not load: ${message} ${stderr.slice(-1_000)}`),
          ...compared(failed, passed),
        ],
      };
    } finally {
      await server.stop();
    }
  },
};

function compared(failed: ReadonlyMap<string, string>, passed: ReadonlySet<string>): string[] {
  const listed = new Map(
    differences.flatMap((one) => one.tests.map((test): [string, Difference] => [test, one])),
  );
  return [
    ...[...failed]
      .filter(([test, message]) => listed.get(test)?.seen.test(message) !== true)
      .map(([test, message]) => `${test}: ${message.split('\n').slice(0, 3).join(' ')}`),
    ...[...listed.keys()]
      .filter((test) => !failed.has(test))
      .map(
        (test) =>
          `${test}: ${passed.has(test) ? 'passes' : 'is no test'}, so it no longer belongs in differences.ts`,
      ),
  ];
}
