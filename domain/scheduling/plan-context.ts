import type { FleetMemory } from '../fleet/memory.ts';
import { freeBlocks } from '../instance/claims.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PlanContext } from '../planning/context.ts';
import type { IdleOffer } from '../planning/offer.ts';
import { type Conditions, conditionsOf } from './conditions.ts';
import type { Pooled } from './snapshot.ts';

/** What the fleets remember, in the planner's terms. */
export const contextOf = (
  memories: readonly FleetMemory[],
  zones: readonly string[] | null,
  now: Instant,
): PlanContext => ({ ...contextUnder(conditionsOf(memories, now), zones), now });

/** Conditions hold only what is in force. */
export const contextUnder = (
  { unavailable, holds }: Conditions,
  zones: readonly string[] | null,
): PlanContext => ({
  ...{ now: 0, idle: [], unavailable, quota: holds, zones, terms: null, limit: 1 },
  ...{ price_factor: null, launch_factor: null },
});

export const idleOffer = ({ id, state }: Pooled): IdleOffer => ({
  ...state.offer,
  availability: 'idle',
  instance: id,
  blocks: { total: state.blocks, free: freeBlocks(state).length },
});
