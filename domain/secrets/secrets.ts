import type { Page } from '../kernel/event-store.ts';
import type { Instant } from '../kernel/instant.ts';

export interface SecretRef {
  readonly project: string;
  readonly name: string;
}

/** A secret without its value. `set_at`: when it was last given one. */
export interface SecretSummary {
  readonly name: string;
  readonly set_at: Instant;
}

/**
 * Values that the users of a project keep for its runs. They are in no event: a run names them, and each submission gets
 * the values of its time. Throws when the store cannot be reached, without the value.
 */
export interface Secrets {
  /** `full`: the account has as many as it may. `busy`: somebody else sets the same secret at this moment. */
  set(at: SecretRef, value: string): Promise<'created' | 'replaced' | 'full' | 'busy'>;
  remove(at: SecretRef): Promise<'removed' | 'missing'>;
  list(project: string, limit: number, from?: string): Promise<Page<SecretSummary> | 'bad-cursor'>;
  /** Those of `names` that the project has not. Reads no value. */
  missing(project: string, names: readonly string[]): Promise<readonly string[]>;
  /** The values by name; a missing secret is left out. */
  read(project: string, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
