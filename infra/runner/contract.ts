/** What crosses between Sortie and an instance: `docs/contracts.md` in types. Durations are seconds, times ISO 8601. */

/** What a submission's commands need, fetched once by presigned URL. It holds secrets: it is kept in memory only. */
export type Bundle = {
  version: 1;
  submission: string;
  report_url: string;
  token: string;
  commands: string[];
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
};

export type Stop = { mode: 'graceful' | 'abort'; reason: string };

export type Exit = {
  at: string;
  cause: 'commands' | 'stopped' | 'max_duration' | 'setup' | 'fetch';
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
  log?: { offset: number; data: string; at: string };
  exit?: Exit;
};

/** `log_offset` is what the server has up to, also when it jumps back; `null`: it says nothing of the log. */
export type Answer = { log_offset: number | null; stop: Stop | null };
