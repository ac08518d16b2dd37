import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signal } from './processes.ts';
import type { CommandOrder, CommandResult } from './protocol.ts';

// As SSM's agent has it: agent/executers/executers.go and agent/plugins/runscript/runscript.go of aws/amazon-ssm-agent.

/** The exit code of a command that the agent stopped itself. A script's own 137 it cannot tell from that. */
const stoppedCode = 137;
/** GetCommandInvocation shows so many bytes. */
const stdoutLimit = 24_000;
const stderrLimit = 8_000;
const truncated = '--output truncated--';

export type RunningCommand = { cancel(): void };

/**
 * Runs one script with `sh`, in a process group of its own. Its output is piped: a grandchild that keeps a pipe open holds
 * the command, detached or not, until its time is up.
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
  const [stdout, stderr] = [capped(stdoutLimit), capped(stderrLimit)];
  let over = false;
  const finish = (end: CommandResult['end'], code: number, complaint: string) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    if (complaint !== '') stderr.take(Buffer.from(`failed to run commands: ${complaint}`));
    const output = { stdout: stdout.text(), stderr: stderr.text() };
    rmSync(directory, { recursive: true, force: true });
    onEnd({ end, code, ...output, startedAt, finishedAt: Date.now() });
  };
  const child = spawn('sh', [script], {
    cwd: order.workingDirectory ?? options.home,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', stdout.take);
  child.stderr.on('data', stderr.take);
  // What it leaves running has its pipes to itself.
  const stop = (why: 'timed-out' | 'cancelled') => {
    if (over || child.pid === undefined) return;
    signal(-child.pid, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    finish(why, stoppedCode, '');
  };
  const timer = setTimeout(() => stop('timed-out'), order.timeoutMs);
  child.once('error', (error) => finish('exited', 1, error.message));
  child.once('close', (code, name) => {
    if (name !== null) return finish('exited', -1, `signal: ${signalNames[name] ?? name}`);
    if (code === stoppedCode) return finish('timed-out', stoppedCode, '');
    finish('exited', code ?? 1, code === 0 ? '' : `exit status ${code}`);
  });
  return { cancel: () => stop('cancelled') };
}

/** In Go's words. */
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

/** The beginning of what is written, in bytes, with a word where more came. */
function capped(limit: number) {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    take(chunk: Buffer) {
      if (length <= limit) chunks.push(chunk);
      length += chunk.length;
    },
    text(): string {
      const bytes = Buffer.concat(chunks);
      if (length <= limit) return bytes.toString();
      return bytes.subarray(0, limit - truncated.length).toString() + truncated;
    },
  };
}
