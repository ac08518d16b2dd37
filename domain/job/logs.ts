import type { SubmissionId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/instant.ts';

/** Bytes of a submission's output, as the job wrote them. */
export interface LogChunk {
  /** Bytes before it. */
  readonly offset: number;
  readonly at: Instant;
  readonly data: Uint8Array;
}

export interface LogPage {
  readonly chunks: readonly LogChunk[];
  /** Where to read on; also at the end, where more may follow. */
  readonly next: LogPosition;
}

/** `offset` bytes have been read; `token` is the store's own. */
export interface LogPosition {
  readonly offset: number;
  readonly token: string | null;
}

/** Output cannot be read at the moment, since too much is. */
export class LogsBusy extends Error {}

/** Output in order, each byte once, however often a chunk is written. */
export interface Logs {
  write(submission: SubmissionId, chunk: LogChunk): Promise<void>;
  /** Throws `LogsBusy`. */
  read(submission: SubmissionId, from: LogPosition): Promise<LogPage>;
  /** The end of what it wrote so far, at most so many bytes of it. Throws `LogsBusy`. */
  tail(submission: SubmissionId, bytes: number): Promise<Uint8Array>;
}
