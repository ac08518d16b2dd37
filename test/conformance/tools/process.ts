import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Settings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs a program to its end. Throws only if it cannot be started. */
export async function run(program: string, args: readonly string[], settings: Settings = {}): Promise<Ended> {
  const { cwd = PROJECT, env = {}, input = '' } = settings;
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
    });
  child.stdin.on('error', () => 'the program ended without reading all of its input').end(input);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { status, ...printed };
}

/** The same, where any other exit status than 0 is an error. */
export async function must(
  program: string,
  args: readonly string[],
  settings: Settings = {},
): Promise<string> {
  const { status, stdout, stderr } = await run(program, args, settings);
  if (status === 0) return stdout;
  throw new Error(
    `${[program, ...args].join(' ')} ended with ${status}:\n${(stderr + stdout).slice(-4_000)}`,
  );
}

/** A folder that goes when this process ends. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `sortie-conformance-${name}-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
