import type { CatalogueSource } from '../../domain/catalogue/ports.ts';
import type { Coordination } from '../../domain/coordination/move-job.ts';
import type { Cloud } from '../../domain/instance/cloud.ts';
import type { Bundles } from '../../domain/job/bundles.ts';
import type { CodeStore } from '../../domain/job/code-store.ts';
import type { Commands } from '../../domain/job/commands.ts';
import type { Secrets } from '../../domain/secrets/secrets.ts';

/** Everything a reaction may touch. One test composes them in memory; `react` and `sync` compose them on AWS. */
export interface Reactive extends Coordination {
  readonly cloud: Cloud;
  readonly commands: Commands;
  readonly bundles: Bundles;
  readonly code: Pick<CodeStore, 'link'>;
  readonly secrets: Pick<Secrets, 'read'>;
  readonly catalogue: CatalogueSource;
  readonly settings: ReactiveSettings;
  /** `function:react`, `function:sync`: who is recorded. */
  readonly by: string;
}

export interface ReactiveSettings {
  /** Where runners report. */
  readonly apiUrl: string;
  /** Zones with a subnet; null: any. */
  readonly zones: readonly string[] | null;
  /** The default fleet's limit. */
  readonly fleetInstances: number;
  /** How many launches of a fleet may be under way at once. */
  readonly concurrentLaunches: number;
  /** So many times the cheapest price that fits is still taken. */
  readonly priceFactor: number;
  /** An instance that has not heard from us for so long ends itself. */
  readonly deadmanSeconds: number;
}
