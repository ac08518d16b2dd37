import * as z from 'zod';
import { describe, quote } from './describe.ts';
import { mustBe } from './problem.ts';
import { text, unsupportedReference } from './text.ts';

const MAX_COMMANDS = 1000;
const PATH_MAX = 4096;

const command = text('text')
  .refine((line) => unsupportedReference(line) === null, {
    error: (issue) => unsupportedReference(String(issue.input)) ?? '',
  })
  .refine((line) => line.trim() !== '', { error: 'is empty\nremove the dash, or write a command after it' });

/** The shell commands, run in one shell in this order. */
export const commands = z
  .array(
    z.unknown().transform((written, ctx) => {
      const read = command.safeParse(written);
      if (read.success) return read.data;
      for (const issue of read.error.issues) {
        const aMap = typeof written === 'object' && written !== null && !Array.isArray(written);
        const hint =
          '\nYAML reads `name: value` as a map: quote the command, or write it as a block after `- |`';
        ctx.addIssue({ code: 'custom', message: issue.message + (aMap ? hint : '') });
      }
      return z.NEVER;
    }),
    {
      error: (issue) =>
        issue.input === undefined
          ? 'is missing: a task has a list of commands\nadd `commands:` and, below it, `- echo hello`'
          : mustBe('a list of commands', 'start each command with a dash, on a line of its own')(issue),
    },
  )
  .min(1, 'has no command\nadd one, such as `- echo hello`')
  .max(
    MAX_COMMANDS,
    `has more than ${MAX_COMMANDS} commands\nput them in a script, or in one block after \`- |\``,
  );

/** `sh`, `bash`, or the absolute path of another. */
export const shell = text('`sh`, `bash` or an absolute path').refine(
  (name) => name === 'sh' || name === 'bash' || pathProblem(name) === null,
  { error: (issue) => `must be \`sh\`, \`bash\` or an absolute path, not ${describe(issue.input)}` },
);

/** The directory to run the commands in. */
export const workingDir = text('an absolute path').refine((path) => pathProblem(path) === null, {
  error: (issue) => pathProblem(String(issue.input)) ?? '',
});

/** The user to run the commands as: a name or a number. */
export const user = text('a user name').refine((name) => userProblem(name) === null, {
  error: (issue) => userProblem(String(issue.input)) ?? '',
});

function pathProblem(path: string): string | null {
  if (!path.startsWith('/')) return `must be an absolute path such as /work, not ${quote(path)}`;
  if (path.split('/').includes('..')) return `${quote(path)} has \`..\` in it\nwrite where it leads`;
  if (path.length >= PATH_MAX) return `has ${path.length} characters; Linux takes at most ${PATH_MAX - 1}`;
  return null;
}

function userProblem(name: string): string | null {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*:./.test(name))
    return 'a group is not supported yet\nwrite the user alone';
  // The names that useradd(8) takes, and numeric ids.
  if (/^(?:[A-Za-z_][A-Za-z0-9_.-]{0,31}|\d{1,10})$/.test(name)) return null;
  return `${quote(name)} is not a user name such as ubuntu`;
}
