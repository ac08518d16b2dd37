import { isFree } from '../instance/state.ts';
import type { InstanceId, JobId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Cut } from '../planning/share.ts';
import { idleStock } from './idle-stock.ts';
import type { Asked, Placing } from './placing.ts';
import type { Pooled } from './schedule.ts';
import { sharedStock } from './shared-stock.ts';

/** A place for a job: an instance, or one that this pass launches for another job, and which of its blocks. */
export interface Place {
  readonly on: { readonly instance: InstanceId } | { readonly launchFor: JobId };
  readonly blocks: readonly number[];
  readonly offer: OfferTerms;
  readonly ready: boolean;
  /** Others have blocks of it. */
  readonly inUse: boolean;
}

/** What there is to be given to jobs in one pass, each to be promised once. */
export interface Stock {
  best(asked: Asked, priority: number): Place | undefined;
  take(place: Place): void;
  /** What is launched for a job has blocks for others, where it is cut. */
  add(job: JobId, launch: { readonly offer: OfferTerms; readonly cut: Cut }): void;
  /** What frees up is kept for a job that waits for more than is free: those of lower priority do not take it bit by bit. */
  keep(asked: Asked, priority: number): void;
  /** Idle instances that nobody took anything of. */
  left(): Pooled[];
}

export function stockOf(pool: readonly Pooled[], place: Placing): Stock {
  const idle = idleStock(
    pool.filter(({ state }) => isFree(state) && state.blocks === 1),
    place,
  );
  const shared = sharedStock(pool, place);
  return {
    best(asked, priority) {
      const whole = idle.cheapest(asked);
      const part = shared.bestFit(asked, priority);
      // What is in use costs nothing more; what is on its way makes a job wait that could start.
      const isBetter = (fit: Place, { state }: Pooled) =>
        fit.ready && (fit.inUse || fit.offer.price <= state.offer.price);
      if (whole === undefined || (part && isBetter(part, whole))) return part;
      const { offer } = whole.state;
      return { on: { instance: whole.id }, blocks: [0], offer, ready: true, inUse: false };
    },
    take(taken) {
      if ('instance' in taken.on) idle.take(taken.on.instance);
      shared.take(taken);
    },
    add(job, { offer, cut }) {
      shared.add({ on: { launchFor: job }, offer, total: cut.total, ready: false }, cut.taken);
    },
    keep: shared.keep,
    left: () => [...idle.left(), ...shared.left().filter(({ state }) => isFree(state))],
  };
}

/** Whole instances of which nobody has anything: each node of a run has one for itself. */
export function wholeStock(pool: readonly Pooled[], place: Placing): Stock {
  const idle = idleStock(pool, place);
  return {
    best(asked) {
      const one = idle.cheapest(asked);
      if (one === undefined) return undefined;
      const { offer, blocks } = one.state;
      const all = Array.from({ length: blocks }, (_, block) => block);
      return { on: { instance: one.id }, blocks: all, offer, ready: true, inUse: false };
    },
    take: ({ on }) => {
      if ('instance' in on) idle.take(on.instance);
    },
    add: () => {},
    keep: () => {},
    left: idle.left,
  };
}
