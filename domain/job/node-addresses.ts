// Addresses are known once all nodes are there, long after the bundle was made: the runner fills them in.
const PLACE = /\$\{\{ nodes\[(\d+)\]\.IP_ADDRESS \}\}/g;

/** Stands for the address of the node of a rank in a bundle's commands. */
export const addressPlace = (rank: number): string => `\${{ nodes[${rank}].IP_ADDRESS }}`;

/** A command with the addresses of the run's nodes, which are given by rank. */
export const withNodeAddresses = (command: string, nodes: readonly string[]): string =>
  command.replace(PLACE, (place, rank: string) => nodes[Number(rank)] ?? place);
