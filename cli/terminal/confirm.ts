import { createInterface } from 'node:readline/promises';
import { usage } from '../exit.ts';

export interface Asking {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Yes or no, no being what Enter means. Without a terminal to ask on there is no answer, so `-y` has to be it. */
export async function confirm(
  question: string,
  { input, output }: Asking = { input: process.stdin, output: process.stderr },
): Promise<'yes' | 'no'> {
  if (input.isTTY !== true)
    throw usage(
      'this asks before it acts, and there is no terminal to ask on',
      'add -y to say yes beforehand',
    );
  const reader = createInterface({ input, output, terminal: true });
  // Ctrl-C and Ctrl-D are a no, too.
  const given = new AbortController();
  reader.on('SIGINT', () => given.abort());
  reader.on('close', () => given.abort());
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: given.signal });
    return /^y(es)?$/i.test(answer.trim()) ? 'yes' : 'no';
  } catch (error) {
    if (!given.signal.aborted) throw error;
    output.write('\n');
    return 'no';
  } finally {
    reader.close();
  }
}
