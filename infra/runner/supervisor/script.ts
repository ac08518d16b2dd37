/** An entrypoint such as `sh -xc` has it on from the start. */
const FIRST = `{ sortie_x=; case $- in *x*) set +x; sortie_x='set -x;' ;; esac; } 2>/dev/null`;

/** The file in which the script says which command it has reached. */
export type Progress =
  | { kind: 'at'; command: number }
  /** The script itself has seen the command fail: the shell was not ended from outside. */
  | { kind: 'failed'; command: number; status: number };

/**
 * The commands as one shell script that stops at the first one that fails, with its status.
 *
 * Each command is evaluated by itself, as a whole: a comment, a here-document, a trailing `&` or a syntax error ends
 * with its command. Not `set -e`, which misses `false && true` and stops inside a command of several lines; not `&&`
 * between them, which silences a `set -e` of the user's own. Our own lines run with `set -x` off, and `set -x` comes back
 * inside the next command. `progress` is a path that the commands' user can write to.
 */
export function script(commands: string[], progress: string): string {
  const at = (text: string) => `printf '${text}\\n' >|${quoted(progress)} || :`;
  const parts = commands.map((command, index) => {
    const number = index + 1;
    return `{ ${at(`${number}`)}; } 2>/dev/null
eval "$sortie_x"${quoted(` ${command}`)}
{ sortie_status=$? sortie_x=; case $- in *x*) set +x; sortie_x='set -x;' ;; esac; } 2>/dev/null
case $sortie_status in 0) ;; *) { ${at(`${number} '$sortie_status'`)}; } 2>/dev/null; exit $sortie_status ;; esac
`;
  });
  return `${FIRST}\n${parts.join('')}`;
}

export function parseProgress(text: string): Progress | null {
  const [, command, status] = /^(\d+)(?: (\d+))?\n/.exec(text) ?? [];
  if (command === undefined) return null;
  return status === undefined
    ? { kind: 'at', command: Number(command) }
    : { kind: 'failed', command: Number(command), status: Number(status) };
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
