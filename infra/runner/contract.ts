import type { Lifetime, ReadyContainer, Sighting } from '../../domain/container/sighting.ts';

/** What crosses between Sortie and an instance: `docs/contracts.md` in types. Durations are seconds, times ISO 8601. */

/** What a submission's commands need, fetched once by presigned URL. It holds secrets: it is kept in memory only. */
export type Bundle = {
  version: 1;
  submission: string;
  report_url: string;
  token: string;
  commands: string[];
  /** The first of the commands that Sortie itself has put before the user's. Missing: none. */
  own_commands?: number;
  env: Record<string, string>;
  /** `sh`, `bash`, or a path. */
  shell: string;
  /** Null: the job's own empty directory. A relative path is below it. */
  working_dir: string | null;
  /** A name or number, optionally `:group`. Null: whoever the agent is. */
  user: string | null;
  max_duration: number | null;
  /** Time between TERM and KILL. Null: never KILL. */
  stop_duration: number | null;
  heartbeat_seconds: number;
  /** Bytes of output that are sent; absent: all. */
  log_limit?: number;
  /** Null: the commands run on the instance itself. */
  container: BundledContainer | null;
  /** Null: a run of one node. */
  gang: { rank: number; size: number } | null;
  /** Null: the run's nodes do not reach each other by ssh. */
  ssh: SshKeys | null;
  /** Null: nothing is to be checked. */
  health: BundledHealth | null;
  /** Null: the run brings no files along. */
  code: BundledCode | null;
};

/** A gzipped tar behind a presigned URL. `path` of a folder in it: below the working directory, `~`, or absolute. */
export type BundledCode = {
  link: string;
  sha256: string;
  parts: { folder: string; path: string; if_exists: 'merge' | 'error' | 'skip' }[];
};

/** In OpenSSH's own forms: the text of a file, and a line without a comment. */
type SshKey = { private_key: string; public_key: string };
/** A run's own. By `user` its nodes let each other in, by `host` they know each other. */
export type SshKeys = { user: SshKey; host: SshKey };

/** What is checked of the node before anything else. `expects`: what its offer says. */
export type BundledHealth = {
  checks: ('disk' | 'memory' | 'gpu')[];
  script: string | null;
  /** Of all of it together. */
  timeout_seconds: number;
  expects: { memory_mib: number; gpus: number; vendor: 'nvidia' | 'amd' | 'other' | null };
};

/** The container that the commands run in, as written, with its secrets. */
export type BundledContainer = {
  lifetime: Lifetime;
  /** Null: one of the submission's own. */
  name: string | null;
  /** Null: Docker where it is there, else Podman. */
  runtime: 'docker' | 'podman' | 'enroot' | null;
  image: string | null;
  /** A path on the instance: loaded in place of a pull. */
  image_tar: string | null;
  registry_auth: { username: string; password: string } | null;
  /** Seconds, for pull or load. */
  pull_timeout: number;
  /** Run once in a container that was just started, before the job. */
  setup_script: string | null;
  /** The commands are its arguments then. */
  entrypoint: string[] | null;
  privileged: boolean;
  shm_bytes: number | null;
  network: string;
  ipc: string | null;
  volumes: { instance_path: string; path: string; mode: 'rw' | 'ro'; optional: boolean; create?: boolean }[];
  devices: string[];
  cap_add: string[];
  security_opt: string[];
  group_add: string[];
  ulimit: string[];
  /** Of the container itself: the job's own `env` is given to its commands alone. */
  env: Record<string, string>;
  /** `indices` null: all of the instance's. */
  gpus: { vendor: 'nvidia' | 'amd' | 'other'; indices: number[] | null } | null;
};

export type Stop = { mode: 'graceful' | 'abort'; reason: string };

export type Exit = {
  at: string;
  cause: 'commands' | 'stopped' | 'max_duration' | 'setup' | 'fetch' | 'instance' | 'health';
  /** 0–255, or null where a signal ended the shell or no shell began. */
  status: number | null;
  signal: string | null;
  log_bytes: number;
  message: string | null;
};

/** Each part is optional; none of them is a heartbeat. */
export type Report = {
  at: string;
  started?: { at: string };
  /** `data` in base64, of what `encoding` made of it. */
  log?: { offset: number; data: string; encoding?: 'gzip'; at: string };
  exit?: Exit;
  /** What takes long before the commands begin. */
  stage?: { at: string; name: Stage; message: string };
  /** Of a gang: this node is there, and so is what it found. Said until it is answered with an order. */
  arrived?: { address: string; sighting: Sighting | null };
  /** The node passed its check. */
  health?: { passed: true };
  /** The container is up and set up. */
  container?: ReadyContainer;
  /** Of a gang: all that comes before the commands is done. Said until it is answered with `go`. */
  prepared?: { at: string };
};

export type Stage = 'checking' | 'pulling' | 'loading' | 'starting' | 'setup';

/** What a node of a gang does next. `nodes`: the addresses of all, by rank. */
export type GangOrder =
  | { order: 'wait' }
  | { order: 'prepare'; container: 'attach' | 'launch' | null; nodes: string[] }
  | { order: 'go'; nodes: string[] };

/** `log_offset` is what the server has up to, also when it jumps back; `null`: it says nothing of the log. */
export type Answer = { log_offset: number | null; stop: Stop | null; gang: GangOrder | null };
