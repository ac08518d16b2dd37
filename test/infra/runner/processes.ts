import { readdirSync, readFileSync } from 'node:fs';

/** The test's own look at what lives on this machine. */
export const processes = (): number[] =>
  readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

export const isAlive = (pid: number): boolean => /^State:\t[^ZX]/m.test(read(pid, 'status'));
export const environment = (pid: number): string => read(pid, 'environ');
export const commandLine = (pid: number): string => read(pid, 'cmdline').replaceAll('\0', ' ').trim();

/** Empty when it is gone, or another user's. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
