/** What scripts can trust; `sortie --help` lists it. */
export const Exit = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  detached: 130,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

export const EXIT_CODES = `
Exit codes:
  0         done: the run ended well, or what was asked for is there
  1         not done: the run failed without a status of its own or was stopped, or Sortie refused
  2         the command line or the configuration is wrong; nothing was sent
  3         Sortie cannot be reached, or does not know the token
  130       Ctrl-C: detached, the run goes on
  1 to 255  from \`apply\`: the status its commands ended with (128 + n for signal n); the last line says so`;

/** An expected end of a command: what happened, and what to type next. */
export class Failure extends Error {
  readonly exit: number;
  /** The next command to type, or what to change. */
  readonly next: string | undefined;

  constructor(
    message: string,
    { exit = Exit.failed, next, cause }: { exit?: number; next?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.exit = exit;
    this.next = next;
  }
}

export const usage = (message: string, next?: string): Failure =>
  new Failure(message, { exit: Exit.usage, ...(next !== undefined && { next }) });
