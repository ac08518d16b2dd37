import type { Result } from '../../../domain/kernel/result.ts';
import type { Commands } from './commands.ts';

/** Where the commands run: on the instance itself, or in a container. */
export type Place = {
  /** `nodes`: the addresses of all nodes of the run, by rank. */
  start(nodes: readonly string[]): Promise<Result<Commands, string>>;
  /** Once, whatever happened: nothing of this run's own stays. */
  leave(): Promise<Result<null, string>>;
};
