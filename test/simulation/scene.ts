import type { Instant } from '../../domain/kernel/instant.ts';
import type { MemoryBundles } from '../fakes/memory-bundles.ts';
import type { MemoryDeadLetters } from '../fakes/memory-dead-letters.ts';
import type { MemoryEventStore } from '../fakes/memory-event-store.ts';
import type { Machine, World } from '../fakes/world.ts';
import type { Chance } from './chance.ts';
import type { PlayedEngines } from './engines.ts';
import type { Plan, Service } from './plan.ts';
import type { Timeline } from './timeline.ts';

/** What befell a machine or what ran there, other than by Sortie's own will: each excuses an end that commands did not choose. */
export type Harm =
  | 'spot'
  | 'outside'
  | 'agent gone'
  | 'runner died'
  | 'setup failed'
  | 'no bundle'
  | 'dead man'
  | 'operator'
  | 'budget spent'
  | 'fleet deleted';

export interface Life {
  /** When it was launched. */
  readonly since: Instant;
  readonly harms: Set<Harm>;
  /** When Sortie was last heard there: what its dead-man timer looks at. */
  contact: Instant;
}

/** Everything that a simulation plays with. */
export interface Scene {
  readonly plan: Plan;
  readonly time: Timeline;
  readonly chance: Chance;
  readonly world: World;
  readonly store: MemoryEventStore;
  readonly bundles: MemoryBundles;
  readonly engines: PlayedEngines;
  readonly down: Set<Service>;
  lifeOf(ec2: string): Life;
  readonly deadLetters: MemoryDeadLetters;
  /** Instances that somebody has asked to be killed. */
  readonly killed: Set<string>;
  /** Instances, by their ids, that Sortie ends for a good reason, whatever runs there. */
  readonly doomed: Map<string, Harm>;
  /** Instances whose launch EC2 refused, at once or after it, for a reason that no table knows. */
  readonly unclassified: Set<string>;
  /** Submissions whose runner has found its node ill. */
  readonly ill: Set<string>;
  /** Submissions that no machine could have started with what theirs has. */
  readonly lacking: Set<string>;
  harmsOf(machine: Machine): ReadonlySet<Harm>;
}
