import type { RunId, SubmissionId } from '../kernel/ids.ts';

/** docs/contracts.md, "Bundle". */
export interface Bundle {
  readonly version: 1;
  readonly submission: SubmissionId;
  readonly report_url: string;
  readonly token: string;
  readonly commands: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly shell: string;
  readonly working_dir: string | null;
  readonly user: string | null;
  readonly max_duration: number | null;
  readonly stop_duration: number | null;
  readonly heartbeat_seconds: number;
  /** null: a run of one node. */
  readonly gang: { readonly rank: number; readonly size: number } | null;
}

/** Where secrets rest: a run's environment from submission to its end, a bundle until its submission has started. */
export interface Bundles {
  seal(run: RunId, env: Readonly<Record<string, string>>): Promise<void>;
  unseal(run: RunId): Promise<Readonly<Record<string, string>>>;
  put(key: string, bundle: Bundle): Promise<void>;
  /** A link that reads the bundle for some minutes, for whoever holds it. */
  link(key: string): Promise<string>;
  eraseBundle(key: string): Promise<void>;
  eraseSeal(run: RunId): Promise<void>;
}
