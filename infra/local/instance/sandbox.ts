import { spawn } from 'node:child_process';
import { unreachable } from '../../../domain/kernel/result.ts';
import { childrenOf, processesMarked, processIdentity, signal } from './processes.ts';
import type { Sight } from './sight.ts';

/**
 * What keeps an instance's processes together. The first three are process namespaces, whose end no process survives;
 * `unshare-user` is the one for those who are not root. A process group loses what leaves it, so its strays are looked
 * for by their marker, which only Linux can show.
 */
export const sandboxKinds = ['bwrap', 'unshare', 'unshare-user', 'process-group'] as const;
export type SandboxKind = (typeof sandboxKinds)[number];

export type SandboxedProcess = {
  readonly kind: SandboxKind;
  readonly pid: number;
  readonly identity: string;
};

/** The first kind that this machine really runs: being installed is not enough (containers and AppArmor refuse). */
export async function probeSandbox(among: readonly SandboxKind[] = sandboxKinds): Promise<SandboxKind> {
  for (const kind of among) if (await works(kind)) return kind;
  throw new Error(`none of ${among.join(', ')} works on this machine; allow 'process-group'`);
}

async function works(kind: SandboxKind): Promise<boolean> {
  const { file, args } = inSandbox(kind, ['sh', '-c', 'echo "$$"']);
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('error', () => resolve(false));
    // A namespace of its own shows in a small pid.
    child.once('close', (code) => resolve(code === 0 && (kind === 'process-group' || Number(output) < 10)));
  });
}

/**
 * The command line that runs `command` inside. None of them dies with its parent: an instance outlives the host.
 * Process 1 of a namespace has to reap orphans and to end with the agent. A shell that waits does both; bwrap's own
 * would stay for as long as anything is left inside, after bwrap itself has ended. Only bwrap hides files.
 */
export function inSandbox(
  kind: SandboxKind,
  command: readonly string[],
  sight: Sight = { hidden: [], shown: [] },
): { file: string; args: string[] } {
  switch (kind) {
    case 'bwrap':
      return {
        file: 'bwrap',
        args: [...bound, ...seen(sight), '--unshare-pid', '--as-pid-1', '--', ...waitedFor(command)],
      };
    case 'unshare':
      return { file: 'unshare', args: ['-pf', '--mount-proc', '--kill-child', ...waitedFor(command)] };
    case 'unshare-user':
      return { file: 'unshare', args: ['-Urpf', '--mount-proc', '--kill-child', ...waitedFor(command)] };
    case 'process-group':
      return { file: command[0] ?? 'true', args: command.slice(1) };
    default:
      return unreachable(kind);
  }
}

const bound = ['--bind', '/', '/', '--dev-bind', '/dev', '/dev', '--proc', '/proc'];

const seen = ({ hidden, shown }: Sight): string[] => [
  ...hidden.flatMap((path) => ['--tmpfs', path]),
  ...shown.flatMap(({ path, access }) => [access === 'write' ? '--bind' : '--ro-bind', path, path]),
];

const waitedFor = (command: readonly string[]): string[] => ['sh', '-c', '"$@"; exit $?', 'init', ...command];

/** Kills everything inside, `setsid` grandchildren included, and resolves when all of it is gone. */
export async function endSandbox(inside: SandboxedProcess, marker: string): Promise<void> {
  const alive = () => processIdentity(inside.pid) === inside.identity;
  const emptied = inside.kind !== 'process-group' && alive() ? endNamespace(inside.pid) : 'unproven';
  while (alive()) {
    if (inside.kind === 'process-group') signal(-inside.pid, 'SIGKILL');
    await briefly();
  }
  if (emptied === 'unproven') await endMarked(marker);
}

/** Kills whatever carries the marker, pass after pass: a process may fork between the look and the kill. */
export async function endMarked(marker: string): Promise<void> {
  const marked = () => processesMarked((entry) => entry === marker);
  for (let left = marked(); left.length > 0; left = marked()) {
    for (const pid of left) signal(pid, 'SIGKILL');
    await briefly();
  }
}

/** Stops whatever carries the marker, pass after pass: a stop takes effect a moment later, and a fork may come first. */
export async function freezeMarked(marker: string, goesOn: () => boolean): Promise<void> {
  for (let pass = 0; pass < 20 && goesOn(); pass++) {
    for (const pid of processesMarked((entry) => entry === marker)) signal(pid, 'SIGSTOP');
    await briefly();
  }
}

/**
 * Kills process 1 of the namespace rather than its keeper outside: the keeper's end then proves that the kernel has
 * emptied the namespace. The stop keeps it from forking between the look and the kill.
 */
function endNamespace(keeper: number): 'proven' | 'unproven' {
  signal(keeper, 'SIGSTOP');
  const first = childrenOf(keeper);
  for (const pid of first) signal(pid, 'SIGKILL');
  signal(keeper, first.length > 0 ? 'SIGCONT' : 'SIGKILL');
  return first.length > 0 ? 'proven' : 'unproven';
}

const briefly = () => new Promise((resolve) => setTimeout(resolve, 5));
