import { endInstance, recordGone } from '../../domain/coordination/end-instance.ts';
import { recordLaunch } from '../../domain/coordination/launch-outcome.ts';
import { liveInstances, type Pool } from '../../domain/coordination/live-instances.ts';
import { recordMissed, recordSighted } from '../../domain/coordination/sighting.ts';
import type { ListedInstance } from '../../domain/instance/cloud.ts';
import { ec2Of, type InstanceState } from '../../domain/instance/state.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { InstanceId } from '../../domain/kernel/ids.ts';
import type { Reactive } from '../react/ports.ts';
import { poolsOnce } from './pools.ts';

/** The cloud's listing against the record, both ways. */
export async function reconcile(on: Reactive, pools: Pool = poolsOnce(on)): Promise<unknown[]> {
  // The record first: what is launched between the two reads is in the listing, and a listing without it proves nothing.
  const pool = await liveInstances(on.store, 'main', pools);
  const listed = await on.cloud.list();
  const known = new Set(listed.map(({ ec2 }) => ec2));
  const indexed = new Map<string, InstanceState>(pool.map(({ id, state }) => [id, state]));
  const results = await Promise.allSettled([
    ...listed
      .filter((one) => !agrees(one, indexed.get(one.instance ?? '')))
      .map((one) => matchListed(on, one)),
    ...pool.flatMap(({ id, state }) => {
      const ec2 = ec2Of(state);
      return ec2 && !known.has(ec2) ? [recordMissed(on, provenance(on), id)] : [];
    }),
  ]);
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}

const provenance = (on: Reactive) => ({ by: on.by, causation: 'reconcile', correlation: 'sync' });

/**
 * Whether there is nothing to do or to record. What the index shows was so a moment ago: an instance that has moved since
 * is looked at by the next sync. Whatever does not agree is read from its head before anything follows from it.
 */
function agrees({ ec2, nonce, state }: ListedInstance, instance: InstanceState | undefined): boolean {
  if (instance === undefined) return false;
  const { phase, missed_at } = instance;
  return (
    (state === 'pending' || state === 'running' || state === 'shutting-down') &&
    phase.kind !== 'terminated' &&
    ec2Of(instance) === ec2 &&
    nonce === instance.nonce &&
    missed_at === null
  );
}

async function matchListed(on: Reactive, listed: ListedInstance): Promise<void> {
  const id = InstanceId.safeParse(listed.instance);
  const ends = listed.state === 'shutting-down' || listed.state === 'terminated';
  const { state } = id.success ? await on.store.load(Instance, id.data) : { state: undefined };
  if (!id.success || state === undefined || isStranger(state, listed)) {
    // Our tag without an intent of ours: nobody waits for it, somebody pays for it.
    if (!ends) await on.cloud.terminate(listed.ec2);
    return;
  }
  switch (state.phase.kind) {
    case 'requested':
      // The reply to RunInstances was lost, the instance was not.
      if (!ends) await recordLaunch(on, provenance(on), id.data, { kind: 'launched', ec2: listed.ec2 });
      else if (listed.state === 'terminated' && listed.end)
        await recordLaunch(on, provenance(on), id.data, { kind: 'refused', refusal: listed.end });
      return;
    case 'terminated':
      if (!ends) await on.cloud.terminate(listed.ec2);
      return;
    default:
      if (listed.state === 'terminated')
        await recordGone(on, provenance(on), id.data, 'terminated_outside', listed.end);
      else if (listed.nonce !== state.nonce) await distrust(on, id.data, listed);
      else if (listed.state === 'stopping' || listed.state === 'stopped')
        // Somebody else stopped it: nothing runs there any more, and it keeps its place in the fleet.
        await endInstance(on, provenance(on), id.data, {
          reason: 'terminated_outside',
          message: listed.end
            ? `EC2 stopped its instance: ${listed.end.code}: ${listed.end.message}`
            : 'its instance was stopped, not by Sortie',
        });
      else await recordSighted(on, provenance(on), id.data);
  }
}

/**
 * Not the machine that the intent led to: its nonce is not ours, or it is a second one for the intent, which the token
 * makes impossible within its day; the recorded one stays.
 */
function isStranger(instance: InstanceState, { ec2, nonce }: ListedInstance): boolean {
  const recorded = ec2Of(instance);
  return recorded === null ? nonce !== instance.nonce : ec2 !== recorded;
}

/** The machine that we launched no longer shows the nonce it was launched with. */
async function distrust(on: Reactive, id: InstanceId, { nonce }: ListedInstance): Promise<void> {
  // A tag that is missing is no evidence: somebody may be tidying up. It gets the time of an instance that is not listed.
  if (nonce === null) await recordMissed(on, provenance(on), id);
  else
    await endInstance(on, provenance(on), id, {
      reason: 'untrusted',
      message: 'its instance has another nonce than it was launched with',
    });
}
