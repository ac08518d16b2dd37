import type { ReadyContainer, Sighting } from '../../domain/container/sighting.ts';
import type { Bundle } from '../../domain/job/bundles.ts';
import type { Machine } from '../fakes/world.ts';

/** What went wrong; null: nothing. */
export type Problem = string | null;

/** The machines' container engines, in the steps of a runner (infra/runner/supervisor/container). */
export interface Engines {
  /** What is there under the name of the job's container. */
  look(machine: Machine, bundle: Bundle): Sighting;
  /** Attaches to it, or starts it under its working name. `told`: by whom speaks for all nodes; null: a node alone decides. */
  make(
    machine: Machine,
    bundle: Bundle,
    told: 'attach' | 'launch' | null,
    seen: Sighting,
  ): ReadyContainer | { readonly problem: string };
  /** How long that and the set-up take: seconds. */
  takes(machine: Machine, bundle: Bundle): number;
  setUp(machine: Machine, bundle: Bundle): Problem;
  /** Before the commands, once all nodes are prepared: what was made for good gets its name. */
  settle(machine: Machine, bundle: Bundle): Problem;
  /** Nothing of this job's own stays, nor what was not settled. */
  leave(machine: Machine, bundle: Bundle): void;
}
