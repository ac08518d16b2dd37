import { order } from '../fleet/nodes.ts';
import { Fleet } from '../fleet/stream.ts';
import { launchedAs } from '../fleet/terms.ts';
import { divided } from '../instance/decide.ts';
import { Instance } from '../instance/stream.ts';
import type { FleetName, InstanceId } from '../kernel/ids.ts';
import { change, type Provenance } from '../kernel/stream.ts';
import { transact } from '../kernel/transact.ts';
import type { OfferTerms } from '../planning/offer.ts';
import { cutOffer } from '../planning/share.ts';
import type { Coordination } from './move-job.ts';

/** What is launched for no job has by itself. The idle time is dstack's for a run that says nothing. */
export const NODE_WISHES = { idle_duration: 300, tags: {} };

/** The intent of a launch for the fleet itself, before EC2 hears of it: its place, and the instance's stream. */
export function orderNode(
  on: Coordination,
  provenance: Provenance,
  node: {
    readonly fleet: FleetName;
    readonly instance: InstanceId;
    readonly offer: OfferTerms;
    readonly nonce: string;
  },
): Promise<'ordered' | 'not-needed'> {
  return transact<'ordered' | 'not-needed'>(on, provenance, async (read) => {
    const { fleet: name, instance: id, offer, nonce } = node;
    const [fleet, instance] = await Promise.all([read(Fleet, name), read(Instance, id)]);
    const reserved = fleet.state ? order(fleet.state, { instance: id, offer }) : [];
    if (fleet.state === undefined || reserved.length === 0) return { changes: [], result: 'not-needed' };
    const { project, configuration } = fleet.state;
    const own = launchedAs(configuration, NODE_WISHES);
    const now = on.runtime.now();
    const ordered = { type: 'InstanceOrdered' as const, fleet: name, project, offer, nonce, ...own };
    const cut = divided({ total: cutOffer(offer, configuration?.blocks ?? 1) ?? 1, taken: [] });
    return {
      changes: [change(fleet, reserved, now), change(instance, [ordered, ...cut], now)],
      result: 'ordered',
    };
  });
}
