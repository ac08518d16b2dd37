import { AsyncLocalStorage } from 'node:async_hooks';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { format } from 'node:util';

/** Where whatever a function prints goes: `DATA/functions.log`, a line each, with the function's name. */
export type LogSink = {
  /** Runs `work`; all that it prints, also later and in what it starts, is the function's. */
  during<T>(functionName: string, work: () => T): T;
  write(functionName: string, text: string): void;
  close(): Promise<void>;
};

type Speaker = { sink: LogSink; functionName: string };

/** One for the process, since there is one console: it says which function of which host is speaking. */
const speaker = new AsyncLocalStorage<Speaker>();
let captured = false;

export function openLogSink(file: string): LogSink {
  mkdirSync(dirname(file), { recursive: true });
  captureConsole();
  let lost: 'nothing yet' | 'told' = 'nothing yet';
  let closed = false;
  let stream = opened();
  const sink: LogSink = {
    during: (functionName, work) => speaker.run({ sink, functionName }, work),
    write(functionName, text) {
      const at = new Date().toISOString();
      const lines = text.replace(/\n$/, '').split('\n');
      if (closed) return;
      if (stream.destroyed) stream = opened();
      stream.write(lines.map((line) => `${at} ${functionName} ${line}\n`).join(''));
    },
    close: () => {
      closed = true;
      return new Promise((resolve) => stream.end(() => resolve()));
    },
  };
  return sink;

  /** A full disk costs lines of this file, and nothing else. */
  function opened(): WriteStream {
    return createWriteStream(file, { flags: 'a', mode: 0o600 }).on('error', ({ message }) => {
      if (lost === 'nothing yet') process.emitWarning(`${file} has gaps: ${message}`);
      lost = 'told';
    });
  }
}

/**
 * Lambda takes a function's standard output and error. Both the console and the two streams are wrapped, since
 * loggers own a Console of their own over the streams, and a test runner replaces the global one.
 */
function captureConsole(): void {
  if (captured) return;
  captured = true;
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    const original = console[method];
    console[method] = (...parts: unknown[]) => {
      const now = speaker.getStore();
      if (now) now.sink.write(now.functionName, format(...parts));
      else original.apply(console, parts);
    };
  }
  for (const stream of [process.stdout, process.stderr]) {
    const original = stream.write.bind(stream) as (...parts: unknown[]) => boolean;
    const write = (chunk: unknown, ...rest: unknown[]): boolean => {
      const now = speaker.getStore();
      if (!now) return original(chunk, ...rest);
      now.sink.write(
        now.functionName,
        chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : String(chunk),
      );
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
    stream.write = write as typeof stream.write;
  }
}
