import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { readUtf8 } from '../../infra/yaml/utf8.ts';
import { Exit, Failure, usage } from '../exit.ts';
import type { Asking } from './confirm.ts';

/** A value that is never an argument, which `ps` would show: typed without an echo, or read from what is no terminal. */
export async function secretFrom(
  question: string,
  { input, output }: Asking = { input: process.stdin, output: process.stderr },
): Promise<string> {
  if (input.isTTY === true) return typed(question, { input, output });
  const read = readUtf8(await buffer(input));
  if (!read.ok) throw usage('the value on stdin is not UTF-8', 'encode it, for instance with base64');
  return read.value.replace(/\r?\n$/, '');
}

async function typed(question: string, { input, output }: Asking): Promise<string> {
  // What is typed is edited as always, and shown nowhere.
  const nowhere = new Writable({ write: (_bytes, _encoding, done) => done() });
  const reader = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  // Not before the terminal shows no more of what is typed.
  output.write(`${question}: `);
  const given = new AbortController();
  reader.on('SIGINT', () => given.abort());
  reader.on('close', () => given.abort());
  try {
    return await reader.question('', { signal: given.signal });
  } catch (error) {
    if (!given.signal.aborted) throw error;
    throw new Failure('nothing was set', { exit: Exit.failed });
  } finally {
    reader.close();
    output.write('\n');
  }
}
