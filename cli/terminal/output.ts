import picocolors from 'picocolors';
import { environment } from '../environment.ts';

export type Paint = ReturnType<typeof picocolors.createColors>;

/** One of the two streams a command writes to. */
export interface Output {
  /** A person looks at it: colours, live lines and cut columns are for them alone. */
  readonly live: boolean;
  readonly paint: Paint;
  /** Columns of the terminal; `null`: nothing is to be cut. */
  width(): number | null;
  line(text?: string): void;
  /** Bytes as they are; resolves when there is room for more. */
  write(bytes: string | Uint8Array): Promise<void>;
}

function outputTo(stream: NodeJS.WriteStream): Output {
  const live = stream.isTTY === true && environment.TERM !== 'dumb';
  return {
    live,
    paint: picocolors.createColors(live && environment.NO_COLOR === undefined),
    width: () => (live ? (stream.columns ?? 80) : null),
    line: (text = '') => void stream.write(`${text}\n`),
    write: (bytes) =>
      new Promise((resolve) => {
        if (stream.write(bytes)) resolve();
        else stream.once('drain', resolve);
      }),
  };
}

/** What was asked for: tables, JSON, the output of jobs. */
export const out = outputTo(process.stdout);
/** What happens meanwhile, and what went wrong. */
export const err = outputTo(process.stderr);

export const printJson = (document: unknown): void => out.line(JSON.stringify(document, null, 2));

// `sortie logs hello | head` ends when head has seen enough; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
