import type { InstanceSummary } from '../../domain/api/instance.ts';
import { activeRuns } from '../client/active-runs.ts';
import { namesOf, type RunNames } from '../show/instances.ts';
import { during } from '../terminal/progress.ts';
import type { clientFor } from './asking.ts';

/** For whom the instances work. Whoever has one is not over yet. */
export async function runNames(
  client: ReturnType<typeof clientFor>,
  instances: readonly InstanceSummary[],
): Promise<RunNames> {
  if (instances.every(({ job }) => job === null)) return new Map();
  const { runs } = await during('asking', activeRuns(client));
  return namesOf(runs);
}
