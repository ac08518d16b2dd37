import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Watch } from './engine.ts';
import { notPulled } from './not-pulled.ts';
import { registryOf } from './registry-credentials.ts';
import { runCli } from './run-cli.ts';

/** Imports an image into a file of its own, which is there when it is whole. */
export async function enrootPull(
  image: string,
  file: string,
  auth: BundledContainer['registry_auth'],
  { watch, job }: { watch: Watch; job: JobDirectory },
): Promise<Result<null, string>> {
  const host = registryOf(image);
  const name = host === null ? image.replace(/^docker\.io\//, '') : `${host}#${image.slice(host.length + 1)}`;
  const uri = `docker://${auth === null ? '' : `${auth.username}@`}${name}`;
  const part = `${file}.${job.submission}`;
  const config = job.pathOf('registry');
  fs.mkdirSync(dirname(file), { recursive: true });
  try {
    if (auth !== null) {
      const machine = host ?? 'auth.docker.io';
      fs.mkdirSync(config, { mode: 0o700 });
      const line = `machine ${machine} login ${auth.username} password ${auth.password}\n`;
      fs.writeFileSync(`${config}/.credentials`, line, { mode: 0o600 });
    }
    const env: Record<string, string> = auth === null ? {} : { ENROOT_CONFIG_PATH: config };
    const ended = await runCli(
      { argv: ['enroot', 'import', '--output', part, uri], env, input: null },
      { signal: watch.signal, milliseconds: watch.seconds * 1000 },
    );
    if (ended.cut === 'late') return fail(`${image} was not pulled within ${watch.seconds} s`);
    if (ended.status !== 0 || ended.cut !== null) return fail(notPulled(image, ended));
    fs.renameSync(part, file);
    return ok(null);
  } finally {
    fs.rmSync(config, { recursive: true, force: true });
    fs.rmSync(part, { force: true });
  }
}
