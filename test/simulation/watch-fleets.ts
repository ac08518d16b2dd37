import type { FleetEvent } from '../../domain/fleet/events.ts';
import type { InstanceEvent } from '../../domain/instance/events.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { type Instant, MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import type { Commit } from '../../domain/kernel/stream.ts';
import type { Machine } from '../fakes/world.ts';
import { type Ledger, ledger } from './ledger.ts';
import type { Harm, Scene } from './scene.ts';
import type { Invariant } from './watch.ts';

/** What was under way when an operator spoke, or a fleet was deleted, comes to its end within this time. */
const UNDER_WAY = 15 * SECOND;

/** Instances are ended so long before what is committed for them is used up. */
const AHEAD = 2 * MINUTE;

export interface FleetWatch {
  readonly ledgers: ReadonlyMap<string, Ledger>;
  /** Instances that are on hold or to be drained, by an operator's last word. */
  readonly withheld: ReadonlyMap<string, 'hold' | 'drain'>;
  heed(commit: Commit): void;
  look(machines: readonly Machine[]): void;
}

/** Looks at the fleets' books, and at whether operators are obeyed. */
export function watchFleets(
  scene: Scene,
  violated: (invariant: Invariant, what: string) => void,
): FleetWatch {
  const ledgers = new Map<string, Ledger>();
  const withheld = new Map<string, 'hold' | 'drain'>();
  const claimedAt = new Map<string, Instant>();
  const ledgerOf = (fleet: string): Ledger => {
    const known = ledgers.get(fleet) ?? ledger();
    ledgers.set(fleet, known);
    return known;
  };
  const fleetOf = (instance: string): Ledger => {
    const state = scene.store.heads.get(`Instance-${instance}`)?.state as InstanceState | undefined;
    return ledgerOf(String(state?.fleet));
  };

  function heedInstance(id: string, event: InstanceEvent, at: Instant): void {
    switch (event.type) {
      case 'IdleBehaviorSet':
        if (event.behavior === 'run') withheld.delete(id);
        else withheld.set(id, event.behavior);
        return;
      case 'KillRequested':
        withheld.set(id, 'drain');
        claimedAt.delete(id);
        if (!scene.killed.has(id) && !fleetOf(id).once.has('terminated'))
          violated('healthy machine ended', `${id} is killed, and nobody has asked for it`);
        scene.doomed.set(id, 'operator');
        return;
      case 'InstanceRequested':
        claimedAt.set(id, at);
        return;
      case 'InstanceReleased':
        claimedAt.delete(id);
        return;
      case 'BlocksClaimed':
      case 'InstanceClaimed': {
        claimedAt.set(id, at);
        const { closed } = fleetOf(id);
        const behavior = withheld.get(id);
        if (behavior !== undefined)
          violated('held instance took a job', `${id}, told to ${behavior}: ${event.claim.job}`);
        if (closed !== null && at > closed + UNDER_WAY)
          violated('closed fleet placed a job', `${event.claim.job} on ${id}`);
        return;
      }
      case 'TerminationRequested':
        return heedEnd(id, event.reason, at);
      default:
        return;
    }
  }

  function heedEnd(id: string, reason: string, at: Instant): void {
    const { places, deleted } = fleetOf(id);
    const doom = (harm: Harm, rightly: boolean) => {
      if (rightly) scene.doomed.set(id, harm);
      else violated('healthy machine ended', `${id} for ${reason}, too early`);
    };
    if (reason === 'budget_spent') {
      const until = places.get(id)?.paidUntil ?? null;
      doom('budget spent', until !== null && at >= until - AHEAD);
    }
    // A fleet with runs in it is not deleted, but for those that came in the same moment.
    if (reason === 'fleet_deleted')
      doom('fleet deleted', deleted !== null && (claimedAt.get(id) ?? deleted) > deleted - UNDER_WAY);
  }

  return {
    ...{ ledgers, withheld },
    heed({ stream: { name, id }, events, at }) {
      if (name === 'Fleet') {
        const problem = ledgerOf(id).enter(events as FleetEvent[], at);
        if (problem !== undefined) violated('limit overshot', `fleet ${id}: ${problem}`);
      }
      if (name === 'Instance') for (const event of events as InstanceEvent[]) heedInstance(id, event, at);
    },
    look(machines) {
      for (const [fleet, own] of Map.groupBy(machines, ({ intent }) => String(intent.fleet))) {
        const { places } = ledgerOf(fleet);
        if (own.length > places.size)
          violated('limit overshot', `${own.length} machines on ${places.size} places of fleet ${fleet}`);
        for (const { ec2, intent } of own)
          if (!places.has(intent.instance))
            violated('machine without a place in its fleet', `${ec2} of ${intent.instance}`);
      }
    },
  };
}
