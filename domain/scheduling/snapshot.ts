import type { FleetMemory } from '../fleet/memory.ts';
import type { FleetState } from '../fleet/state.ts';
import type { InstanceState } from '../instance/state.ts';
import type { JobState } from '../job/state.ts';
import type { InstanceId, JobId, RunId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { RunState } from '../run/state.ts';

export interface Waiting {
  readonly id: JobId;
  readonly state: JobState;
}

export interface Pooled {
  readonly id: InstanceId;
  readonly state: InstanceState;
}

/** What a pass looks at; it may be behind. Whoever carries a decision out meets the arbiters. */
export interface Snapshot {
  readonly queue: readonly Waiting[];
  /** Those of several nodes that somebody in the queue belongs to. */
  readonly runs: ReadonlyMap<RunId, RunState>;
  readonly pool: readonly Pooled[];
  readonly fleet: FleetState | undefined;
  /** What the other fleets of the account remember and use. */
  readonly others: readonly FleetMemory[];
  readonly limit: number;
  /** How many launches may be under way at once. */
  readonly launches: number;
  readonly now: Instant;
}
