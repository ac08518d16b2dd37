import type { CloudGroups } from '../fleet/cloud-groups.ts';
import type { Refusal } from '../job/events.ts';
import type { FleetName, InstanceId } from '../kernel/ids.ts';
import type { OfferTerms } from '../planning/offer.ts';

/** All that a launch depends on. The same intent again is the same launch: `instance` is its token. */
export interface LaunchIntent {
  readonly instance: InstanceId;
  readonly fleet: FleetName;
  readonly offer: OfferTerms;
  readonly nonce: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The placement group that it goes into, if any. */
  readonly group: string | null;
}

export type LaunchOutcome =
  | { readonly kind: 'launched'; readonly ec2: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'throttled'; readonly code: string }
  /** Not asked for: another launch was throttled while this one waited for its turn. */
  | { readonly kind: 'withheld' }
  /** Part of what it takes was made a moment ago and is not known everywhere yet: the same call may do later. */
  | { readonly kind: 'inconsistent'; readonly refusal: { readonly code: string; readonly message: string } };

/** An instance as the cloud lists it. `instance` is our id, from its tag; null where the tag says nothing of ours. */
export interface ListedInstance {
  readonly ec2: string;
  readonly instance: string | null;
  /** From its tag: it is our instance only if this is the one it was launched with. */
  readonly nonce: string | null;
  readonly state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  /**
   * Why the cloud ends, stops or has ended it, of the class that a launch would have been refused with; null while it lives, and
   * where somebody asked for its end.
   */
  readonly end: Refusal | null;
}

export interface TagChange {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** Launches and ends machines. A timeout is no outcome: it is thrown, and the same intent may be sent again. */
export interface Cloud extends CloudGroups {
  launch(intent: LaunchIntent): Promise<LaunchOutcome>;
  /** Asks for the end; asking again is harmless. `gone`: the cloud knows no such instance any more, or not yet. */
  terminate(ec2: string): Promise<'terminating' | 'gone' | 'throttled'>;
  /** Sets and removes tags of an instance; the others stay. `gone`: the cloud knows no such instance any more, or not yet. */
  retag(ec2: string, tags: TagChange): Promise<'tagged' | 'gone' | 'throttled'>;
  /** One instance, as `list` shows it; undefined where the cloud knows none, or not yet. */
  find(ec2: string): Promise<ListedInstance | undefined>;
  /** Every instance with this deployment's tag, those that ended within the hour included. */
  list(): Promise<readonly ListedInstance[]>;
}
