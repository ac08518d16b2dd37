import * as z from 'zod';
import { describe, quote } from './describe.ts';
import { mustBe } from './problem.ts';
import { wrongInCommand } from './references.ts';
import { text } from './text.ts';

const MAX_COMMANDS = 1000;
const PATH_MAX = 4096;

const command = text('text')
  .refine((line) => wrongInCommand(line, null) === null, {
    error: (issue) => wrongInCommand(String(issue.input), null) ?? '',
  })
  .refine((line) => line.trim() !== '', { error: 'is empty\nremove the dash, or write a command after it' });

/** The shell commands, run in one shell in this order; none where an image has a program of its own. */
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
    { error: mustBe('a list of commands', 'start each command with a dash, on a line of its own') },
  )
  .max(
    MAX_COMMANDS,
    `has more than ${MAX_COMMANDS} commands\nput them in a script, or in one block after \`- |\``,
  );

/** `sh`, `bash`, or the absolute path of another. */
export const shell = text('`sh`, `bash` or an absolute path').refine(
  (name) => name === 'sh' || name === 'bash' || pathProblem(name) === null,
  { error: (issue) => `must be \`sh\`, \`bash\` or an absolute path, not ${describe(issue.input)}` },
);

/** The directory to run the commands in: absolute, in the user's home (`~/a`), or relative to where they begin otherwise. */
export const workingDir = text('the path of a directory').refine((path) => directoryProblem(path) === null, {
  error: (issue) => directoryProblem(String(issue.input)) ?? '',
});

/** The user to run the commands as: a name or a number, and in a container a group after a colon. */
export const user = z
  .union([z.int().transform(String), text('a user name')], { error: mustBe('a user name or number') })
  .refine((name) => userProblem(name) === null, {
    error: (issue) => userProblem(String(issue.input)) ?? '',
  });

function pathProblem(path: string): string | null {
  if (!path.startsWith('/')) return `must be an absolute path such as /work, not ${quote(path)}`;
  return directoryProblem(path);
}

function directoryProblem(path: string): string | null {
  if (path === '') return 'is empty\nleave it out, or write a directory such as /work';
  if (/^~[^/]/.test(path))
    return `${quote(path)} begins with the home of another user\nwrite that home as an absolute path`;
  if (path.split('/').includes('..')) return `${quote(path)} has \`..\` in it\nwrite where it leads`;
  if (path.length >= PATH_MAX) return `has ${path.length} characters; Linux takes at most ${PATH_MAX - 1}`;
  return null;
}

// The names that useradd(8) takes, and numeric ids.
const NAME = /^(?:[A-Za-z_][A-Za-z0-9_.-]{0,31}|\d{1,10})$/;

function userProblem(name: string): string | null {
  const [user = '', group, ...more] = name.split(':');
  if (NAME.test(user) && (group === undefined || NAME.test(group)) && more.length === 0) return null;
  return `${quote(name)} is not a user name such as ubuntu`;
}
