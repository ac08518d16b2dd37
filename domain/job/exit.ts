import { type Ending, stoppedStatus } from './decide.ts';
import type { JobState } from './state.ts';

/**
 * The runner's last word on a submission (docs/contracts.md, `exit`). `fetch`: it never came by its bundle; `instance`: its
 * node lacks what any job needs; `health`: its node failed the check. Nothing of it has run in these.
 */
export interface RunnerExit {
  readonly cause: 'commands' | 'stopped' | 'max_duration' | 'setup' | 'fetch' | 'instance' | 'health';
  readonly status: number | null;
  readonly signal: string | null;
  readonly log_bytes: number | null;
  readonly message: string | null;
}

/** What an exit means for the job: commands that ended by themselves are judged by their status, stopped ones are not. */
export function endingOf(job: JobState, exit: RunnerExit): Ending {
  const { status: exit_status, signal, log_bytes, message } = exit;
  const rest = { exit_status, signal, log_bytes, message };
  switch (exit.cause) {
    case 'commands':
      return exit_status === 0
        ? { status: 'done', reason: 'done_by_runner', ...rest }
        : { status: 'failed', reason: 'container_exited_with_error', ...rest };
    case 'max_duration':
      return { status: 'terminated', reason: 'max_duration_exceeded', ...rest };
    case 'setup':
    case 'fetch':
    case 'instance':
    case 'health':
      return { status: 'failed', reason: 'executor_error', ...rest };
    case 'stopped': {
      const { mode, reason } =
        job.phase.kind === 'stopping'
          ? job.phase
          : { mode: 'graceful' as const, reason: 'terminated_by_server' as const };
      // The runner says back why it was told to stop: the reason itself, and no news.
      const said = message === reason ? null : message;
      return { status: stoppedStatus(mode, reason), reason, ...rest, message: said };
    }
  }
}

/** What an exit says against the node that it was on; null: nothing, or all of it is recorded of the node itself. */
export function doubtOf({ cause, status, signal, message }: RunnerExit): string | null {
  switch (cause) {
    case 'commands':
      return status === 0 ? null : (signal ?? `exit status ${status}`);
    case 'setup':
      return message ?? cause;
    case 'stopped':
    case 'max_duration':
    case 'fetch':
    case 'instance':
    case 'health':
      return null;
  }
}
