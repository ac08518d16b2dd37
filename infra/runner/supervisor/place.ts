import type { Result } from '../../../domain/kernel/result.ts';
import type { Commands } from './commands.ts';

/** Where the commands run: on the instance itself, or in a container. */
export type Place = {
  /** Before this node is prepared: the others may reach it from then on, where they are to. */
  open(nodes: readonly string[], signal: AbortSignal): Promise<Result<null, string>>;
  /** Before the commands, once all nodes are prepared: what was made for good is there from now on. */
  settle(): Promise<Result<null, string>>;
  /** `nodes`: the addresses of all nodes of the run, by rank. */
  start(nodes: readonly string[]): Promise<Result<Commands, string>>;
  /** The commands that a supervisor has started which is dead; null: nothing can be known of them any more. */
  take(): Commands | null;
  /** Once, whatever happened: nothing of this run's own stays, nor what was not settled. */
  leave(): Promise<Result<null, string>>;
};
