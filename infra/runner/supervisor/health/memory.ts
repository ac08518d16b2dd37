import * as fs from 'node:fs';
import type { Finding } from './check-health.ts';

/** The kernel keeps some of what EC2 sells, and a machine that lost a module lacks more than this. */
const LEAST = 0.8;

/** Only a node whose home is the machine's own is the size that its offer says: others are parts of whatever they run on. */
const OWN_MACHINE = '/var/lib/sortie';

export async function memory(home: string, expected: number): Promise<Finding> {
  const kib = Number(/^MemTotal:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0);
  if (kib === 0) return '/proc/meminfo does not say how much there is';
  const mib = Math.round(kib / 1024);
  if (home !== OWN_MACHINE || mib >= LEAST * expected) return null;
  return `${mib} MiB, where its offer has ${expected}`;
}
