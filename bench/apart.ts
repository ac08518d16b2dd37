import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Then what runs apart is stopped. */
const LONGEST_MS = 600_000;

const execute = promisify(execFile);

/** Runs a bench and reads what it says. Functions read their environment once a process: a Sortie takes one of its own. */
export async function apart<T>(file: string, ...args: (number | string)[]): Promise<T> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await execute(process.execPath, [path, ...args.map(String)], { timeout: LONGEST_MS });
  return JSON.parse(stdout) as T;
}
