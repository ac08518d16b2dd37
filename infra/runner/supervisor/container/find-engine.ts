import * as fs from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';
import type { JobDirectory } from '../job-directory.ts';
import { dockerEngine } from './docker-engine.ts';
import type { Engine } from './engine.ts';
import { enrootEngine } from './enroot-engine.ts';

/** The engine asked for; where none is, Docker, and Podman where only that is there. */
export function findEngine(runtime: BundledContainer['runtime'], job: JobDirectory): Result<Engine, string> {
  const name = runtime ?? (['docker', 'podman'] as const).find(isInstalled);
  if (name === undefined)
    return fail(
      'neither docker nor podman is on the PATH of the agent of this instance; install one of them',
    );
  if (!isInstalled(name))
    return fail(
      `${name} is not on the PATH of the agent of this instance; install it, or change \`runtime\``,
    );
  return ok(name === 'enroot' ? enrootEngine(job) : dockerEngine(name, job));
}

const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      fs.accessSync(join(directory, program), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
