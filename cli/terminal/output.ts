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
    line: (text = '') => void stream.write(`${harmless(text)}\n`),
    write: (bytes) =>
      new Promise((resolve) => {
        if (stream.write(bytes)) resolve();
        else stream.once('drain', resolve);
      }),
  };
}

// Besides line breaks and tabs, the colours that `paint` uses are the only control characters that are ours.
const CONTROL =
  /(\u001b\[(?:0|1|2|22|39|3[1-6]|90)m|[\n\t])|[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * A text whose characters do nothing but show: names, messages and tags come from others. The output of jobs is written as
 * it is, by `write`: whoever asks for it gets the bytes.
 */
export const harmless = (text: string): string =>
  text.replace(
    CONTROL,
    (found, ours?: string) => ours ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** What was asked for: tables, JSON, the output of jobs. */
export const out = outputTo(process.stdout);
/** What happens meanwhile, and what went wrong. */
export const err = outputTo(process.stderr);

export const printJson = (document: unknown): void => out.line(JSON.stringify(document, null, 2));

// `sortie logs hello | head` ends when head has seen enough; that is no failure.
let unread: () => void = () => process.exit(0);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  unread();
});

/** Sets the end of a command whose output nobody reads any more: `apply | head` must not look like a run that is done. */
export const whenUnread = (end: () => void): void => {
  unread = end;
};
