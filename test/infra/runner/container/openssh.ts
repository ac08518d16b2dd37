import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';

const PROGRAMS = ['/usr/sbin/sshd', '/usr/bin/ssh', '/usr/bin/ssh-keygen'];
/** What sshd runs for each connection, since 9.8 and 10.0. */
const HELPERS = ['/usr/lib/openssh/sshd-session', '/usr/lib/openssh/sshd-auth'];

/** This machine's OpenSSH with the libraries that it needs, put into the root directory of an image. */
export function addOpenSsh(root: string): void {
  for (const program of [...PROGRAMS, ...HELPERS].filter((path) => fs.existsSync(path))) {
    copy(program, root);
    const needed = spawnSync('ldd', [program]).stdout.toString();
    for (const [, library = ''] of needed.matchAll(/(?:=> )?(\/\S+) \(0x/g)) copy(library, root);
  }
  fs.mkdirSync(join(root, 'root'));
  fs.appendFileSync(join(root, 'etc/passwd'), 'sshd:x:99:99::/run/sshd:/bin/false\n');
}

function copy(path: string, root: string): void {
  const to = join(root, path);
  fs.mkdirSync(dirname(to), { recursive: true });
  fs.copyFileSync(path, to);
}
