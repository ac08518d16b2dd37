import * as z from 'zod';
import { describe } from './describe.ts';
import { commands } from './execution.ts';
import { name } from './name.ts';
import { type NodeGroup, nodeGroup } from './normalized.ts';
import { ports } from './port.ts';
import { mustBe, readBy, refuse } from './problem.ts';
import { DEFAULT_RESOURCES, resources } from './resources.ts';

/** A run is recorded with all its jobs at once: DynamoDB writes 100 items in one transaction, two for a stream. */
const MAX_NODES = 48;
const MAX_GROUPS = 16;

/** How many nodes a run has. */
export const nodeCount = z
  .union([z.number(), z.string()], { error: mustBe('a number of nodes') })
  .transform((written, ctx): number => {
    const count = typeof written === 'string' && written.trim() === '' ? Number.NaN : Number(written);
    if (!Number.isInteger(count) || count < 1)
      return refuse(ctx, `must be a whole number from 1 to ${MAX_NODES}, not ${describe(written)}`);
    return count <= MAX_NODES
      ? count
      : refuse(ctx, `${describe(written)} is more than a run can have: at most ${MAX_NODES} nodes`);
  });

const fields = z.strictObject(
  {
    name: name.nullish().transform((said) => said ?? null),
    nodes: nodeCount.nullish().transform((said) => said ?? 1),
    commands: commands.nullish().transform((said) => said ?? []),
    ports: ports.nullish().transform((said) => said ?? []),
    resources: resources.nullish().transform((said) => said ?? DEFAULT_RESOURCES),
  },
  { error: mustBe('a map of `nodes`, `commands` and `resources`') },
);
export const GROUP_FIELDS = Object.keys(fields.shape);

const group = z
  .unknown()
  .transform((written, ctx): NodeGroup => readBy(fields, written, ctx, 'inside'))
  .pipe(nodeGroup);

/** Nodes that differ, in the order of their ranks: the first node of the first group is the master. */
export const groups = z
  .array(group, { error: mustBe('a list of groups', 'start each with a dash: `- nodes: 1`') })
  .min(1, 'names no group\nleave it out, and write `nodes` and `commands`')
  .max(MAX_GROUPS, `has more than ${MAX_GROUPS} groups`)
  .refine((all) => all.reduce((sum, { nodes }) => sum + nodes, 0) <= MAX_NODES, {
    error: `has more nodes than a run can have: at most ${MAX_NODES} in all`,
  });
