import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledHealth } from '../../contract.ts';
import { type Ended, runCli } from '../container/run-cli.ts';
import type { JobDirectory } from '../job-directory.ts';
import { disk } from './disk.ts';
import { gpu } from './gpu.ts';
import { memory } from './memory.ts';

/** Runs a program in what is left of the time. */
export type Run = (argv: string[]) => Promise<Ended>;

/** Null: all is well. */
export type Finding = string | null;

/** All that is asked of the node, or everything that is wrong with it; nothing of the job has begun. */
export async function checkHealth(
  health: BundledHealth,
  job: JobDirectory,
  signal: AbortSignal,
): Promise<Result<null, string>> {
  const end = performance.now() + health.timeout_seconds * 1000;
  const run: Run = (argv) =>
    runCli(
      { argv, env: {}, input: null },
      { signal, milliseconds: Math.max(1, Math.round(end - performance.now())) },
    );
  const { checks, expects } = health;
  const findings = [
    ...(checks.includes('disk') ? [finding('disk', disk(job.home))] : []),
    ...(checks.includes('memory') ? [finding('memory', memory(job.home, expects.memory_mib))] : []),
    ...(checks.includes('gpu') ? [finding('gpu', gpu(expects, run))] : []),
    ...(health.script === null ? [] : [finding('script', byScript(health.script, job, run))]),
  ];
  const wrong = (await Promise.all(findings)).filter((one) => one !== null);
  return wrong.length === 0 ? ok(null) : fail(wrong.join('; '));
}

/** What a check cannot even look at is as bad as what it finds. */
async function finding(name: string, check: Promise<Finding>): Promise<Finding> {
  const found = await check.catch((error: Error) => error.message);
  return found === null ? null : `${name}: ${found}`;
}

/** By `sh`, as whoever the agent is, with nothing of the agent's own environment but the PATH and the language. */
async function byScript(text: string, job: JobDirectory, run: Run): Promise<Finding> {
  const path = job.pathOf('health');
  fs.writeFileSync(path, text, { mode: 0o600 });
  const { PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG = 'C.UTF-8' } =
    process.env;
  const env = ['env', '-i', `PATH=${PATH}`, `LANG=${LANG}`, 'HOME=/root'];
  const { status, cut, out } = await run([...env, 'sh', '-c', 'exec sh "$0" 2>&1', path]);
  if (status === 0 && cut === null) return null;
  const ended = cut === 'late' ? 'did not end in time' : `ended with status ${status}`;
  const said = lastOf(out);
  return said === '' ? ended : `${said} (${ended})`;
}

/** Short enough for an event. */
const lastOf = (output: string): string =>
  output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ')
    .slice(-500);
