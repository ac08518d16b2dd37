import type { Bundle } from '../contract.ts';
import type { Commands, ShellEnd } from './commands.ts';

const SHOWN = 80;

/** Names the command that failed, as far as it is known; null: none did. */
export async function failedCommand(
  { status, signal }: ShellEnd,
  { commands, own_commands = 0 }: Bundle,
  progress: Commands['progress'],
): Promise<string | null> {
  if (status === 0) return null;
  const number = (await progress().catch(() => null))?.command ?? 0;
  const command = commands[number - 1];
  if (command === undefined || number <= own_commands) return null;
  const [line = ''] = command.trim().split('\n');
  const shown = line.length > SHOWN || line !== command.trim() ? `${line.slice(0, SHOWN)}…` : line;
  const many = commands.length - own_commands;
  const which = many > 1 ? ` (command ${number - own_commands} of ${many})` : '';
  return signal === null ? `\`${shown}\`${which} exited ${status}` : `${signal} ended \`${shown}\`${which}`;
}

/**
 * Says that it was the memory. `killed`: how many processes of the job the kernel has killed for want of it; null: the
 * kernel does not say, and KILL, which Sortie has not sent, has hardly another source.
 */
export function outOfMemory({ status, signal }: ShellEnd, killed: number | null): string | null {
  if (status === 0 || killed === 0) return null;
  if (killed !== null)
    return `the instance ran out of memory: the kernel killed ${killed === 1 ? 'a process' : `${killed} processes`} of the job`;
  return signal === 'SIGKILL' || status === 137
    ? 'Sortie did not send this KILL: the instance has probably run out of memory'
    : null;
}
