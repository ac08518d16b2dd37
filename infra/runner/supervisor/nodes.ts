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

/** The first node is the master. */
const addresses = (nodes: readonly string[]) => ({
  NODES_IPS: nodes.join('\n'),
  MASTER_NODE_IP: nodes[0] ?? '',
});

/** What the commands know of the run's nodes. */
export const nodeVariables = (nodes: readonly string[], hostfile: string): Record<string, string> =>
  underBothNames({ ...addresses(nodes), MPI_HOSTFILE: hostfile });

const OF_NODES = ['NODE_RANK', 'NODES_NUM', 'GPUS_PER_NODE', 'GPUS_NUM'];

/** Not the job's own variables, and not its id: what a set-up script leaves running is not the job's. */
export function variablesAtSetUp(
  nodes: readonly string[],
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = OF_NODES.flatMap((name) => {
    const value = env[`SORTIE_${name}`];
    return value === undefined ? [] : [[name, value] as const];
  });
  return underBothNames({ ...Object.fromEntries(known), ...addresses(nodes) });
}

/** As dstack writes it: a slot for each GPU; without GPUs mpirun counts the cores. */
export function hostfile(nodes: readonly string[], env: Readonly<Record<string, string>>): string {
  const gpus = Number(env.SORTIE_GPUS_PER_NODE ?? 0);
  return nodes.map((node) => (gpus > 0 ? `${node} slots=${gpus}\n` : `${node}\n`)).join('');
}

/** The commands once the nodes have met: what was written of a node's address is the address. */
export const toldOf = (nodes: readonly string[], { commands }: Bundle): string[] =>
  commands.map((command) => withNodeAddresses(command, nodes));
