import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder to begin a PATH with, in which some programs are scripts of the test's own. */
export function standIns(programs: Record<string, string>): { folder: string; path: string } {
  const folder = fs.mkdtempSync(join(tmpdir(), 'sortie-stand-in-'));
  for (const [name, text] of Object.entries(programs))
    fs.writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return { folder, path: `${folder}:${process.env.PATH}` };
}

/** A PATH with all that this machine has but these programs. */
export function pathWithout(folder: string, ...programs: string[]): string {
  const rest = join(folder, 'rest');
  fs.mkdirSync(rest);
  // A link may lead nowhere, as X11 does on some machines: the names are compared, and no file is looked for.
  const taken = new Set(programs);
  for (const from of ['/usr/sbin', '/usr/bin', '/bin'].filter((path) => fs.existsSync(path)))
    for (const name of fs.readdirSync(from).filter((name) => !taken.has(name))) {
      taken.add(name);
      fs.symlinkSync(join(from, name), join(rest, name));
    }
  return `${folder}:${rest}`;
}
