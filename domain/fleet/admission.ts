import * as z from 'zod';
import { type Instant, MINUTE } from '../kernel/instant.ts';
import { saidBy } from '../kernel/said-by.ts';

// Whether a fleet takes jobs: an operator's switch, apart from its limits.

const word = { reason: z.string().nullable(), by: z.string() };

/** What an operator asks of a whole fleet. */
export const FleetOrderKind = z.enum(['resume', 'pause', 'drain', 'terminate']);
export type FleetOrderKind = z.infer<typeof FleetOrderKind>;

export const AdmissionEvent = z.discriminatedUnion('type', [
  /** No job is placed and nothing launched; what runs goes on. */
  z.object({ type: z.literal('FleetPaused'), ...word }),
  z.object({ type: z.literal('FleetResumed'), ...word }),
  /** Paused, and every instance is to be drained. */
  z.object({ type: z.literal('FleetDrainRequested'), ...word }),
  /** Paused, and every instance is to be killed. */
  z.object({ type: z.literal('FleetTerminationRequested'), ...word }),
  /** Every instance has its order, and whoever waits was told. */
  z.object({ type: z.literal('FleetOrderCarriedOut'), order: FleetOrderKind }),
]);
export type AdmissionEvent = z.infer<typeof AdmissionEvent>;

export interface FleetOrder {
  readonly kind: FleetOrderKind;
  readonly reason: string | null;
  readonly by: string;
  readonly at: Instant;
}

export interface Admission {
  /** The operator's order while the fleet takes no jobs. null: it does. */
  readonly closed: (FleetOrder & { readonly kind: ClosedBy }) | null;
  /** What is still to be carried out. */
  readonly order: FleetOrder | null;
}
type ClosedBy = Exclude<FleetOrderKind, 'resume'>;

export const openAdmission: Admission = { closed: null, order: null };

// Each does all that those before it do.
const reach: Record<ClosedBy, number> = { pause: 1, drain: 2, terminate: 3 };

/** Nothing where it is so already: the same order again, or a weaker one. */
export function orderFleet(
  { closed }: Admission,
  { kind, reason, by }: Omit<FleetOrder, 'at'>,
): AdmissionEvent[] {
  if (kind === 'resume') return closed ? [{ type: 'FleetResumed', reason, by }] : [];
  // Said again without a reason, it stays for the one that was given.
  const same = closed?.kind === kind && (reason === null || closed.reason === reason);
  if (closed && (reach[closed.kind] > reach[kind] || same)) return [];
  return [{ type: requested[kind], reason, by }];
}

const requested = {
  pause: 'FleetPaused',
  drain: 'FleetDrainRequested',
  terminate: 'FleetTerminationRequested',
} as const;

/** That an order was carried out says nothing of the one that came after it. */
export const carriedOut = ({ order }: Admission, done: FleetOrder): AdmissionEvent[] =>
  order?.kind === done.kind && order.at === done.at
    ? [{ type: 'FleetOrderCarriedOut', order: done.kind }]
    : [];

export function evolveAdmission<S extends Admission>(fleet: S, event: AdmissionEvent, at: Instant): S {
  switch (event.type) {
    case 'FleetResumed':
      return { ...fleet, closed: null, order: { ...wordOf(event), kind: 'resume', at } };
    case 'FleetPaused':
      return closedBy(fleet, { ...wordOf(event), kind: 'pause', at });
    case 'FleetDrainRequested':
      return closedBy(fleet, { ...wordOf(event), kind: 'drain', at });
    case 'FleetTerminationRequested':
      return closedBy(fleet, { ...wordOf(event), kind: 'terminate', at });
    case 'FleetOrderCarriedOut':
      return { ...fleet, order: null };
  }
}

const wordOf = ({ reason, by }: { reason: string | null; by: string }) => ({ reason, by });

const closedBy = <S extends Admission>(fleet: S, order: NonNullable<Admission['closed']>): S => ({
  ...fleet,
  closed: order,
  order,
});

/** What those are told who wait meanwhile. */
export const whyPaused = (name: string, order: FleetOrder): string =>
  `fleet ${name} is paused ${saidBy(order)}`;

/** For an order whose doorbell was lost. */
export const orderDue = ({ order }: Admission): { due?: Instant } =>
  order ? { due: order.at + MINUTE } : {};
