import type { HealthSpec } from '../configuration/normalized.ts';
import type { Page } from '../kernel/event-store.ts';
import type { RunId, SubmissionId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';
import type { CodePart } from '../run/code.ts';
import type { StoredContainer } from '../run/stored-container.ts';
import type { SecretText } from '../secrets/text.ts';

/** The container that the commands run in: as it is stored, with its secrets. */
export interface BundledContainer extends Omit<StoredContainer, 'registry_auth' | 'env'> {
  readonly registry_auth: { readonly username: string; readonly password: string } | null;
  readonly shm_bytes: number | null;
  /** Of the container itself: the job's own `env` is given to its commands alone. */
  readonly env: Readonly<Record<string, string>>;
  /** `indices` null: all of the instance's. */
  readonly gpus: {
    readonly vendor: 'nvidia' | 'amd' | 'other';
    readonly indices: readonly number[] | null;
  } | null;
}

/** A pair in OpenSSH's own forms: the text of a file, and a line without a comment. */
export interface SshKey {
  readonly private_key: string;
  readonly public_key: string;
}

/** A run's own. By `user` its nodes let each other in, by `host` they know each other. */
export interface SshKeys {
  readonly user: SshKey;
  readonly host: SshKey;
}

/** What the runner checks of its node before anything else. `expects`: what the node's offer says, of the whole node. */
export interface BundledHealth {
  readonly checks: HealthSpec['checks'];
  readonly script: string | null;
  readonly timeout_seconds: number;
  readonly expects: {
    readonly memory_mib: number;
    readonly gpus: number;
    readonly vendor: 'nvidia' | 'amd' | 'other' | null;
  };
}

/** The files that a run brings along: `link` reads the archive that `sha256` is of. */
export interface BundledCode {
  readonly link: string;
  readonly sha256: string;
  readonly parts: readonly CodePart[];
}

/** docs/contracts.md, "Bundle". */
export interface Bundle {
  readonly version: 1;
  readonly submission: SubmissionId;
  readonly report_url: string;
  readonly token: string;
  /** With `addressPlace` where they name a node of the run. */
  readonly commands: readonly string[];
  /** The first of the commands that Sortie itself has put before the user's. */
  readonly own_commands: number;
  readonly env: Readonly<Record<string, string>>;
  readonly shell: string;
  readonly working_dir: string | null;
  readonly user: string | null;
  readonly max_duration: number | null;
  readonly stop_duration: number | null;
  readonly heartbeat_seconds: number;
  /** Bytes of output that are sent. */
  readonly log_limit: number;
  /** Null: the commands run on the instance itself. */
  readonly container: BundledContainer | null;
  /** Null: a run of one node. */
  readonly gang: { readonly rank: number; readonly size: number } | null;
  /** Null: its nodes do not reach each other by ssh. */
  readonly ssh: SshKeys | null;
  /** Null: the node is known to be well, or its fleet does not ask. */
  readonly health: BundledHealth | null;
  /** Null: the run brings no files along. */
  readonly code: BundledCode | null;
}

/** What a run is submitted with that no event says. Its texts may name secrets of the project. */
export type Sealed = Confidential<SecretText>;

/** The same for one submission, with the values of the secrets. */
export type Unsealed = Confidential<string>;

interface Confidential<Text> {
  readonly env: Readonly<Record<string, Text>>;
  readonly container_env: Readonly<Record<string, Text>>;
  readonly registry_auth: { readonly username: Text; readonly password: Text } | null;
  readonly ssh: SshKeys | null;
}

/**
 * Names one sealed object. Each request to submit a run seals its own, so that two requests with one idempotency key
 * neither mix nor erase each other's secrets; `RunSubmitted` names the one that counts.
 */
export interface SealRef {
  readonly run: RunId;
  readonly seal: string;
}

/** Where secrets rest: a run's from submission to its end, a bundle until its submission has started. */
export interface Bundles {
  seal(at: SealRef, sealed: Sealed): Promise<void>;
  /** `missing`: never sealed, or erased. `damaged`: there, but unreadable. */
  unseal(at: SealRef): Promise<Sealed | 'missing' | 'damaged'>;
  put(key: string, bundle: Bundle): Promise<void>;
  /** A link that reads the bundle for some minutes, for whoever holds it. */
  link(key: string): Promise<string>;
  eraseBundle(key: string): Promise<void>;
  eraseSeal(at: SealRef): Promise<void>;
  /** Every sealed object there is, page by page, with the time at which it was sealed. */
  seals(from?: string): Promise<Page<SealRef & { readonly at: Instant }>>;
}
