import type { FleetName } from '../kernel/ids.ts';

/** A cluster placement group that a fleet wants. The same again is the same group: `id` is its token. */
export interface WantedGroup {
  readonly id: string;
  readonly fleet: FleetName;
  readonly tags: Readonly<Record<string, string>>;
}

export type GroupOutcome =
  /** Created now or before; `name` is the cloud's. */
  | { readonly kind: 'there'; readonly name: string }
  | { readonly kind: 'throttled'; readonly code: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Makes and deletes cluster placement groups. A timeout is no outcome: it is thrown, and the same may be asked again. */
export interface CloudGroups {
  createGroup(group: WantedGroup): Promise<GroupOutcome>;
  /** `in-use`: it has instances that have not ended. Of one that the cloud does not know: `gone`. */
  deleteGroup(id: string): Promise<'gone' | 'in-use' | 'throttled'>;
  /** Every group with this deployment's tag. */
  listGroups(): Promise<readonly { readonly id: string; readonly fleet: string | null }[]>;
}
