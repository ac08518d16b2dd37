import { fail, ok, type Result } from '../../../../../domain/kernel/result.ts';
import { marker } from '../../setting.ts';
import { FIND } from '../marked-processes.ts';
import { runCli } from '../run-cli.ts';
import type { Within } from './open-ssh.ts';

/**
 * sshd and all that came of it. It is known by its number and its configuration: it writes its title over its
 * environment. Stopped first, so that nobody comes in while we look.
 */
const END = `{ read -r top <"$1/sshd.pid" && read -r line <"/proc/$top/cmdline"; } 2>/dev/null
case $line in *"$1/sshd_config"*) ;; *) exit 0;; esac
kill -s STOP "$top"
all=" $top " more=yes
while [ "$more" ]; do more=
for p in /proc/[0-9]*; do p=\${p#/proc/}
case $all in *" $p "*) continue;; esac
read -r line <"/proc/$p/stat" || continue
set -- \${line##*) }
case $all in *" $2 "*) all="$all$p " more=yes;; esac
done; done 2>/dev/null
kill -s KILL $all 2>/dev/null; exit 0`;

const MOST_LOOKS = 20;

/** Nobody comes in any more, and nothing that came that way is left, also where it went off by itself. */
export async function endSsh({
  engine,
  container,
  folder,
  submission,
  user,
}: Within): Promise<Result<null, string>> {
  const run = async (...argv: string[]) => {
    const line = engine.exec(container, { user, directory: null, env: {} }, ['sh', '-c', ...argv]);
    return line.ok ? runCli(line.value) : null;
  };
  const killMarked = async (): Promise<boolean> => {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const found = await run(FIND, 'sh', marker(submission), 'KILL');
      if (found?.status !== 0) return false;
      if (found.out === '') return true;
    }
    return false;
  };
  // First what may just be opening it: either it is known by its marker, or it is by its number.
  const none = await killMarked();
  const ended = await run(END, 'sh', `${folder}/ssh`);
  return none && ended?.status === 0 && (await killMarked())
    ? ok(null)
    : fail(`what came by ssh stays in container ${container}`);
}
