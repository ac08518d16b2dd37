/**
 * The commands as one shell script that stops at the first one that fails, with its status.
 *
 * Each command is evaluated by itself, as a whole: a comment, a here-document, a trailing `&` or a syntax error ends
 * with its command. Not `set -e`, which misses `false && true` and stops inside a command of several lines; not `&&`
 * between them, which silences a `set -e` of the user's own.
 */
export function script(commands: string[]): string {
  return commands
    .map((command) => `eval ' ${quoted(command)}'\ncase $? in 0) ;; *) exit $? ;; esac\n`)
    .join('');
}

const quoted = (text: string) => text.replaceAll("'", `'\\''`);
