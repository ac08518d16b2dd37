import { fail, ok, type Result } from '../../../../../domain/kernel/result.ts';
import type { SshKeys } from '../../../contract.ts';
import type { Engine } from '../engine.ts';
import { complaint, type Ended, runCli } from '../run-cli.ts';
import { filesOf, PORT } from './files.ts';

/** Where, as whom, and with what around it the commands will run, and what comes by ssh. */
export type Within = {
  engine: Engine;
  /** On the engine. */
  container: string;
  /** The job's own in the container. */
  folder: string;
  submission: string;
  user: string | null;
  env: Readonly<Record<string, string>>;
};

const LOOK = `PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
name=$(id -un 2>/dev/null) || name=
printf "%s\\n" "$(id -u)" "$(id -g)" "$name" "$(command -v sshd)" "$(command -v ssh)"`;

/** As root: a folder of the user's own, and where Debian's sshd is root's, the empty one that it goes into. */
const MAKE = `umask 022 && mkdir -p "$1" && rm -rf "$1/ssh" && mkdir -m 700 "$1/ssh" && chown "$2:$3" "$1/ssh" &&
{ [ "$2" != 0 ] || [ -d /run/sshd ] || mkdir -p /run/sshd; }`;

/**
 * As the job's user, who alone may then come in: an account without a password, which sshd as root would take for a locked
 * one, is as good as any. sshd has none of the job's variables itself, but for the one that it is known by until it
 * listens. A first login shows that all of it works.
 */
const OPEN = `cd "$1" && umask 077 && mkdir bin && eval "$SORTIE_SSH_FILES" && chmod 700 bin/ssh || exit 1
unset SORTIE_SSH_FILES PWD OLDPWD SHLVL
PATH=$1/bin:$PATH && export PATH && export -p >environment || exit 1
env -i SORTIE_SUBMISSION_ID="$SORTIE_SUBMISSION_ID" PATH="$PATH" "$2" -D -E "$1/log" -f "$1/sshd_config" </dev/null >>log 2>&1 &
until [ -s sshd.pid ]; do
kill -0 $! 2>/dev/null || { cat log >&2; exit 1; }
sleep 0.05 2>/dev/null || sleep 1
done
ssh "$3" true </dev/null || { cat log >&2; exit 1; }`;

/** The nodes of a run can reach this one from now on, by a key that only they have. `own`: its address. */
export async function openSsh(
  within: Within,
  keys: SshKeys,
  { own, nodes, signal }: { own: string; nodes: readonly string[]; signal: AbortSignal },
): Promise<Result<null, string>> {
  const { engine, container, folder, submission, user, env } = within;
  const run = async (who: string | null, variables: Record<string, string>, ...argv: string[]) => {
    const line = engine.exec(container, { user: who, directory: null, env: variables }, [
      'sh',
      '-c',
      ...argv,
    ]);
    return line.ok ? ok(await runCli(line.value, { signal })) : line;
  };
  const seen = await run(user, {}, LOOK);
  if (!seen.ok) return seen;
  if (!wentWell(seen.value)) return fail(`ssh: ${complaint(seen.value)}`);
  const [uid = '', gid = '', name = '', sshd = '', ssh = ''] = seen.value.out.split('\n');
  if (sshd === '' || ssh === '') return fail(lacking([...(sshd ? [] : ['sshd']), ...(ssh ? [] : ['ssh'])]));
  if (name === '')
    return fail(`ssh: user ${uid} has no name in the image: add one to its /etc/passwd, or choose another`);

  const made = await run('0', {}, MAKE, 'sh', folder, uid, gid);
  if (!made.ok) return made;
  if (!wentWell(made.value)) return fail(`ssh: ${complaint(made.value)}`);
  const at = `${folder}/ssh`;
  const files = filesOf({ submission, keys, user: name, own, nodes, folder: at, ssh });
  const written = Object.entries(files).map(([file, text]) => `printf %s ${quoted(text)} >${file}`);
  const variables = { ...env, SORTIE_SSH_FILES: written.join(' && ') };
  const opened = await run(user, variables, OPEN, 'sh', at, sshd, own);
  if (!opened.ok) return opened;
  return wentWell(opened.value)
    ? ok(null)
    : fail(`ssh: sshd does not let the nodes in at ${own} port ${PORT}: ${complaint(opened.value)}`);
}

const wentWell = ({ status, cut }: Ended): boolean => status === 0 && cut === null;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const lacking = (programs: string[]): string =>
  `ssh: the image has no ${programs.join(' and no ')}: install them there or in \`setup_script\` (openssh-server and openssh-client, as Debian calls them), or write \`ssh: false\``;
