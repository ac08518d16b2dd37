import * as fs from 'node:fs';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import { variablesAtSetUp } from '../nodes.ts';
import type { Preparation } from './launch-container.ts';
import { runCli } from './run-cli.ts';

const TAIL = 800;
/** No end of its own: what it installs may take long, and an order to stop ends it. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * It ends at the first command that fails: half a set-up is none. bash if the image has it; else sh, which may not know
 * of pipefail. Nothing of it stays behind.
 */
const RUN = `exec 2>&1
if command -v bash >/dev/null; then bash -eo pipefail "$1/script"
elif (set -o pipefail) 2>/dev/null; then sh -eo pipefail "$1/script"
else sh -e "$1/script"; fi
status=$?; rm -rf "$1"; exit $status`;

/** Runs the set-up script once in a fresh container; its output goes to the job's log. */
export async function setUp(
  { engine, bundle, name, nodes, job, signal, tell }: Preparation,
  container: string,
  script: string,
): Promise<Result<null, string>> {
  tell('setup', `set-up script in ${name}`);
  const inside = `/.sortie-setup-${bundle.submission}`;
  const outside = job.pathOf(inside.slice(1));
  fs.mkdirSync(outside, { recursive: true });
  fs.writeFileSync(`${outside}/script`, script, { mode: 0o644 });
  const copied = await engine.copyIn(container, outside);
  fs.rmSync(outside, { recursive: true, force: true });
  if (!copied.ok) return fail(`setup_script could not be copied into ${name}: ${copied.error}`);

  const as = { user: '0', directory: null, env: variablesAtSetUp(nodes, bundle.env) };
  const invocation = engine.exec(container, as, ['sh', '-c', RUN, 'sh', inside]);
  if (!invocation.ok) return invocation;
  const log = fs.openSync(job.pathOf('log'), 'a', 0o600);
  let unwritten: string | null = null;
  const heard = (chunk: Buffer) => {
    try {
      fs.writeSync(log, chunk);
    } catch (error) {
      unwritten ??= String((error as NodeJS.ErrnoException).code);
    }
  };
  const ended = await runCli(invocation.value, { signal, milliseconds: LONGEST_MS, heard });
  fs.closeSync(log);
  if (ended.cut !== null) return fail('stopped');
  if (unwritten !== null) return fail(`setup_script: its output cannot be written to the log (${unwritten})`);
  if (ended.status === 0) return ok(null);
  const tail = (ended.out + ended.err).trim().slice(-TAIL);
  return fail(`setup_script failed with exit code ${ended.status} in ${name}: ${tail}`);
}
