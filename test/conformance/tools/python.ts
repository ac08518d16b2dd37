import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolFolder } from './folders.ts';
import { must, run } from './process.ts';

const requirements = fileURLToPath(new URL('./requirements.txt', import.meta.url));
let made: Promise<string> | undefined;

/** The `bin` of a virtual environment with the packages of requirements.txt. Throws with the Debian package to install. */
export function pythonPrograms(): Promise<string> {
  made ??= virtualEnvironment('python', requirements);
  return made;
}

/** The same with the packages of another file. */
export async function virtualEnvironment(name: string, requirements: string): Promise<string> {
  const { stdout: version } = await run('python3', ['--version']).catch((cause: unknown) => {
    throw new Error('python3 is needed, 3.10 or later. hint: apt-get install python3-venv', { cause });
  });
  const folder = await toolFolder(name, [version, readFileSync(requirements, 'utf8')], async (into) => {
    const venv = await run('python3', ['-m', 'venv', into]);
    if (venv.status !== 0)
      throw new Error(
        `python3 makes no virtual environment. hint: apt-get install python3-venv\n${venv.stdout}${venv.stderr}`,
      );
    await must(join(into, 'bin/pip'), ['install', '--quiet', '--requirement', requirements]);
  });
  return join(folder, 'bin');
}

/** The pinned version of a package. */
export function pinned(name: string, file = requirements): string {
  const found = new RegExp(`^${name}==(.+)$`, 'm').exec(readFileSync(file, 'utf8'));
  if (found?.[1] === undefined) throw new Error(`${file} does not pin ${name}`);
  return found[1];
}
