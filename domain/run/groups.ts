import type { Requirements } from '../planning/requirements.ts';
import type { StoredTask } from './events.ts';

/** Nodes of a run that are alike. */
export interface Group {
  readonly name: string | null;
  readonly nodes: number;
  readonly commands: readonly string[];
  readonly requirements: Requirements;
}

/** A run's groups, in the order of their nodes' ranks; one where all nodes are alike. */
export const groupsOf = ({ groups, nodes, commands, requirements }: StoredTask): readonly Group[] =>
  groups ?? [{ name: null, nodes, commands, requirements }];

/** The group that the node of a rank is of. */
export function groupOf(task: StoredTask, rank: number): Group {
  let first = 0;
  for (const group of groupsOf(task)) {
    first += group.nodes;
    if (rank < first) return group;
  }
  throw new Error(`node ${rank} of a run of ${task.nodes}`);
}
