import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Inherited } from '../environment.ts';

const run = promisify(execFile);

/**
 * Removes what an instance's jobs have left in the machine's container engine, which all instances share: by the label of
 * its home, so that no other's are touched. One that a client killed in mid-call had asked for may come a moment later.
 */
export async function endContainers(home: string, inherited: Inherited): Promise<void> {
  const note = join(home, 'engine');
  if (!existsSync(note)) return;
  const engine = readFileSync(note, 'utf8').trim();
  const options = { env: { ...inherited, HOME: home } };
  for (;;) {
    const { stdout } = await run(engine, ['ps', '-aq', '--filter', `label=sortie.home=${home}`], options);
    const containers = stdout.split('\n').filter((id) => id !== '');
    if (containers.length === 0) return;
    await run(engine, ['rm', '-fv', ...containers], options);
  }
}
