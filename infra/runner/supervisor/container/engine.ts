import type { Sighting } from '../../../../domain/container/sighting.ts';
import type { Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';
import type { Invocation } from './run-cli.ts';

/** What a node does with containers, whatever runs them. Errors are what the engine said, without secrets. */
export type Engine = {
  name: 'docker' | 'podman' | 'enroot';
  /** `wanted`: what a run asks of a container of that name; null: nothing. */
  look(container: string, wanted: BundledContainer | null): Promise<Sighting>;
  /** Null: a container that Sortie did not start, or none. */
  originOf(container: string): Promise<Origin | null>;
  hasImage(image: string): Promise<boolean>;
  pull(image: string, auth: BundledContainer['registry_auth'], watch: Watch): Promise<Result<null, string>>;
  /** The name, or the id, of what was loaded. */
  load(tar: string, watch: Watch): Promise<Result<string, string>>;
  /** Whether it runs or not; that none is there is fine. */
  remove(container: string): Promise<Result<null, string>>;
  start(fresh: Fresh, signal: AbortSignal): Promise<Result<null, string>>;
  /** Null: this engine cannot. */
  rename: ((from: string, to: string) => Promise<Result<null, string>>) | null;
  /** A whole directory of the instance into the root, under its own name. */
  copyIn(container: string, directory: string): Promise<Result<null, string>>;
  /** KILL for all that runs in it. */
  kill(container: string): Promise<Result<null, string>>;
  exec(container: string, inside: Inside, argv: readonly string[]): Result<Invocation, string>;
  ownCommandOf(container: string): Promise<Result<OwnCommand, string>>;
};

export type Watch = { signal: AbortSignal; seconds: number; progress(message: string): void };
/** Where and as whom something runs in a container; null: as the image says. */
export type Inside = { user: string | null; directory: string | null; env: Readonly<Record<string, string>> };
export type Origin = { submission: string; lifetime: string };
export type OwnCommand = { argv: string[]; directory: string };
export type Fresh = {
  name: string;
  image: string;
  container: BundledContainer;
  /** Those of its volumes that this instance has. */
  volumes: BundledContainer['volumes'];
  labels: Readonly<Record<string, string>>;
};
