import { isFree } from '../instance/state.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Cut } from '../planning/share.ts';
import { idleStock } from './idle-stock.ts';
import type { Asked, Planner } from './planner.ts';
import { sharedStock } from './shared-stock.ts';
import type { Pooled } from './snapshot.ts';

/** A place for a job: an instance, or one that this pass launches for another job, and which of its blocks. */
export interface Place {
  readonly on: { readonly instance: InstanceId } | { readonly launchFor: JobId };
  readonly blocks: readonly number[];
  readonly offer: OfferTerms;
  readonly ready: boolean;
  /** Others have blocks of it. */
  readonly inUse: boolean;
}

/** What there is to be given to jobs, each thing once. */
export interface Stock {
  best(asked: Asked, priority: number): Place | undefined;
  take(place: Place): void;
  /** Whether anything is there, or on its way, that such a job may have one day. */
  hasFor(asked: Asked): boolean;
}

/** The stock of a whole pass. */
export interface PassStock extends Stock {
  /** What is launched for a job has blocks for others, where it is cut. */
  add(job: JobId, launch: { readonly offer: OfferTerms; readonly cut: Cut }): void;
  /** What frees up is kept for a job that waits for more than is free: those of lower priority do not take it bit by bit. */
  keep(asked: Asked, priority: number): void;
  /** Idle instances that nobody took anything of. */
  left(): Pooled[];
}

export function stockOf(pool: readonly Pooled[], planner: Planner): PassStock {
  const idle = idleStock(
    pool.filter(({ state }) => isFree(state) && state.blocks === 1),
    planner,
  );
  const shared = sharedStock(pool, planner);
  return {
    best(asked, priority) {
      const whole = idle.cheapest(asked);
      const part = shared.bestFit(asked, priority);
      // What is in use costs nothing more; what is on its way makes a job wait that could start.
      const isBetter = (fit: Place, { state }: Pooled) =>
        fit.ready && (fit.inUse || fit.offer.price <= state.offer.price);
      return whole === undefined || (part && isBetter(part, whole)) ? part : allOf(whole);
    },
    take(taken) {
      if ('instance' in taken.on) idle.take(taken.on.instance);
      shared.take(taken);
    },
    hasFor: (asked) => pool.some((one) => stays(one) && planner.fits(asked, one)),
    add(job, { offer, cut }) {
      shared.add({ on: { launchFor: job }, offer, total: cut.total, ready: false }, cut.taken);
    },
    keep: shared.keep,
    left: () => [...idle.left(), ...shared.left().filter(({ state }) => isFree(state))],
  };
}

/** Idle instances as a whole: each node of a run has one for itself. */
export function wholeStock(idle: readonly Pooled[], pool: readonly Pooled[], planner: Planner): Stock {
  const free = idleStock(idle, planner);
  const there = new Map<string, Pooled>(pool.filter(stays).map((one) => [one.id, one]));
  return {
    best(asked) {
      const one = free.cheapest(asked);
      return one && allOf(one);
    },
    take({ on }) {
      if (!('instance' in on)) return;
      free.take(on.instance);
      there.delete(on.instance);
    },
    hasFor: (asked) => [...there.values()].some((one) => planner.fits(asked, one)),
  };
}

function allOf({ id, state: { offer, blocks: total } }: Pooled): Place {
  const blocks = Array.from({ length: total }, (_, block) => block);
  return { on: { instance: id }, blocks, offer, ready: true, inUse: false };
}

const stays = ({ state: { phase, withheld } }: Pooled): boolean =>
  phase.kind !== 'terminating' && phase.kind !== 'terminated' && withheld?.behavior !== 'drain';
