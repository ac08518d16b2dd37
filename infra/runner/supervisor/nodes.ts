import { networkInterfaces } from 'node:os';
import { underBothNames } from '../../../domain/job/both-names.ts';
import { withNodeAddresses } from '../../../domain/job/node-addresses.ts';
import type { Bundle } from '../contract.ts';

/** The address by which the other nodes reach this one. */
export function ownAddress(): string {
  // The embedded AWS gives each of its instances an address of its own on one machine.
  if (process.env.SORTIE_INSTANCE_ADDRESS) return process.env.SORTIE_INSTANCE_ADDRESS;
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** What the commands know of the run's nodes. The first node is the master. */
export function nodeVariables(nodes: readonly string[], hostfile: string): Record<string, string> {
  const values = { NODES_IPS: nodes.join('\n'), MASTER_NODE_IP: nodes[0] ?? '', MPI_HOSTFILE: hostfile };
  return underBothNames(values);
}

/** As dstack writes it: a slot for each GPU; without GPUs mpirun counts the cores. */
export function hostfile(nodes: readonly string[], env: Readonly<Record<string, string>>): string {
  const gpus = Number(env.SORTIE_GPUS_PER_NODE ?? 0);
  return nodes.map((node) => (gpus > 0 ? `${node} slots=${gpus}\n` : `${node}\n`)).join('');
}

/** The commands once the nodes have met: what was written of a node's address is the address. */
export const toldOf = (nodes: readonly string[], { commands }: Bundle): string[] =>
  commands.map((command) => withNodeAddresses(command, nodes));
