import type { Instant } from '../kernel/instant.ts';
import type { InstanceEvent } from './events.ts';
import type { InstanceState } from './state.ts';
import { sameTags } from './tags.ts';

/** What its fleet, as it is configured now, means for an instance. `health_at`: since when nodes are checked as they are. */
export interface OwnSettings {
  readonly idle_duration: number | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly health_at: Instant | null;
}

/** Nothing where all of it is so already, and for what ends. */
export function reconfigure(instance: InstanceState, own: OwnSettings): InstanceEvent[] {
  const { phase, health, passed_at } = instance;
  if (phase.kind === 'terminating' || phase.kind === 'terminated') return [];
  const outdated =
    health === 'passed' && passed_at !== null && own.health_at !== null && passed_at <= own.health_at;
  const { idle_duration, tags } = own;
  if (!outdated && idle_duration === instance.idle_duration && sameTags(tags, instance.tags)) return [];
  return [{ type: 'InstanceReconfigured', idle_duration, tags, health: outdated ? 'unchecked' : 'as known' }];
}
