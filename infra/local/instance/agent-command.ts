import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signal } from './processes.ts';
import type { CommandOrder, CommandResult } from './protocol.ts';

/** The exit code that SSM's agent gives a command it stopped itself. */
const stoppedCode = 137;
/** GetCommandInvocation shows so many characters. */
const stdoutLimit = 24_000;
const stderrLimit = 8_000;
const truncated = '--output truncated--';

export type RunningCommand = { cancel(): void };

/**
 * Runs one script with `sh`, in a process group of its own. Output goes to files, as SSM's agent has it: a detached
 * grandchild that keeps them open does not hold the command.
 */
export function runCommand(options: {
  readonly directory: string;
  readonly home: string;
  readonly order: CommandOrder;
  readonly env: Readonly<Record<string, string>>;
  readonly onEnd: (result: CommandResult) => void;
}): RunningCommand {
  const { directory, order, onEnd } = options;
  const startedAt = Date.now();
  mkdirSync(directory, { recursive: true });
  const script = join(directory, '_script.sh');
  writeFileSync(script, order.script, { mode: 0o700 });
  const stdout = openSync(join(directory, 'stdout'), 'w+');
  const stderr = openSync(join(directory, 'stderr'), 'w+');
  let end: CommandResult['end'] = 'exited';
  const finish = (code: number, complaint: string) => {
    clearTimeout(timer);
    const result: CommandResult = {
      end,
      code,
      stdout: head(stdout, stdoutLimit),
      stderr: complaint || head(stderr, stderrLimit),
      startedAt,
      finishedAt: Date.now(),
    };
    closeSync(stdout);
    closeSync(stderr);
    rmSync(directory, { recursive: true, force: true });
    onEnd(result);
  };
  const child = spawn('sh', [script], {
    cwd: order.workingDirectory ?? options.home,
    env: options.env,
    detached: true,
    stdio: ['ignore', stdout, stderr],
  });
  const stop = (why: 'timed-out' | 'cancelled') => {
    if (end !== 'exited' || child.pid === undefined) return;
    end = why;
    signal(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(() => stop('timed-out'), order.timeoutMs);
  child.once('error', (error) => finish(1, `failed to run commands: ${error.message}`));
  child.once('exit', (code, name) => {
    if (end !== 'exited') return finish(stoppedCode, '');
    finish(code ?? 255, name === null ? '' : `failed to run commands: signal: ${name}`);
  });
  return { cancel: () => stop('cancelled') };
}

function head(file: number, limit: number): string {
  const bytes = Buffer.alloc(limit * 4 + 1);
  const text = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)).toString('utf8');
  return text.length <= limit ? text : text.slice(0, limit - truncated.length) + truncated;
}
