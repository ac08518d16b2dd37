import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Engine } from './engine.ts';
import { OWN_MACHINE } from './engine-name.ts';
import { findEngine } from './find-engine.ts';
import { complaint, runCli } from './run-cli.ts';

/** With the first job that needs it, and not at boot: most need none, and it takes a while. */
export const INSTALL_DOCKER = `set -e
if command -v dnf >/dev/null; then dnf install -y docker
elif command -v apt-get >/dev/null; then apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 docker.io
else echo 'there is neither dnf nor apt-get' >&2; exit 1; fi
systemctl enable --now docker`;
const LONGEST_MS = 300_000;

/** Amazon's plain images have no engine. Nothing is installed on a machine that is not an instance's own. */
export const isInstallable = (runtime: BundledContainer['runtime'], { home }: JobDirectory): boolean =>
  home === OWN_MACHINE && process.getuid?.() === 0 && (runtime === null || runtime === 'docker');

export async function installEngine(job: JobDirectory, signal: AbortSignal): Promise<Result<Engine, string>> {
  const line = { argv: ['sh', '-c', INSTALL_DOCKER], env: {}, input: null };
  const ended = await runCli(line, { signal, milliseconds: LONGEST_MS });
  if (ended.status !== 0 || ended.cut !== null)
    return fail(`there is no container engine, and docker could not be installed: ${complaint(ended)}`);
  const found = findEngine('docker', job);
  return found.ok ? ok(found.value) : found;
}
