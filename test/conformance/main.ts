/**
 * `npm run conformance [-- <check>…]`: Sortie against software that others wrote. Prints a line for each check, its
 * findings, and how many found something; ends with 1 if any did.
 */
import type { Check } from './check.ts';
import { deployment } from './deployment/deployment.ts';
import { moto } from './moto/moto.ts';
import { openapiReaders } from './openapi/openapi-readers.ts';
import { requests } from './requests/botocore.ts';
import { roles } from './roles/iam-simulate.ts';
import { runtime } from './runtime/lambda-runtime.ts';
import { scripts } from './scripts/shellcheck.ts';
import { template } from './template/cfn-lint.ts';

const checks: readonly Check[] = [
  template,
  scripts,
  openapiReaders,
  requests,
  roles,
  moto,
  deployment,
  runtime,
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `no such check: ${unknown.join(', ')}. The checks: ${checks.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

let failed = 0;
const chosen = checks.filter(({ name }) => asked.length === 0 || asked.includes(name));
for (const { name, run } of chosen) {
  const started = performance.now();
  const { checked, findings } = await run().catch((error: unknown) => ({
    checked: 'not carried out',
    findings: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  if (findings.length > 0) failed += 1;
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`${findings.length === 0 ? '✓' : '✗'} ${name}: ${checked} (${seconds} s)`);
  for (const finding of findings) console.log(`    ${finding}`);
}
console.log(`${chosen.length} checks, of which ${failed === 0 ? 'none' : failed} found something`);
process.exitCode = failed === 0 ? 0 : 1;
