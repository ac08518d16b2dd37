import type { FleetState } from '../fleet/state.ts';
import type { RunState } from '../run/state.ts';
import { type Asked, askedBy } from './planner.ts';
import type { Waiting } from './snapshot.ts';

/** A run of several nodes of which each waits for its place, or has one. */
export interface Gang {
  readonly nodes: number;
  /** Those that wait. */
  readonly members: readonly { readonly member: Waiting; readonly asked: Asked }[];
  /** Where the others have theirs; `null`: none has one. */
  readonly zone: string | null;
}

/** `undefined`: some neither wait nor have a place, of a round that is not over, or not to be seen yet. */
export function gathered(
  run: RunState | undefined,
  waiting: readonly Waiting[],
  fleet: FleetState | undefined,
): Gang | undefined {
  if (run?.gang?.phase.kind !== 'gathering') return undefined;
  const placed = run.jobs.filter(({ status }) => status === 'provisioning' || status === 'pulling');
  if (waiting.length + placed.length !== run.jobs.length) return undefined;
  return {
    nodes: run.jobs.length,
    members: waiting.map((member) => ({ member, asked: askedBy(fleet, member.state) })),
    zone: placed[0]?.offer?.zone ?? null,
  };
}
