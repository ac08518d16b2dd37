import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { AwsError } from '../wire/aws-error.ts';
import type { GroupStore } from './group-store.ts';
import type { LaunchRequest } from './launch-request.ts';
import { groupElsewhere, strategyUnsupported, unknownGroup } from './refusals.ts';
import type { InstanceStore } from './store.ts';

/** Where a launch may go for its placement group's sake: a cluster is in one zone as long as it has an instance. */
export function zonesInGroup(
  { group: name, type, facts, zones }: LaunchRequest,
  { groups, store }: { readonly groups: GroupStore; readonly store: InstanceStore },
): Result<readonly string[], AwsError> {
  if (name === null) return ok(zones);
  const group = groups.find(name);
  if (group === undefined) return fail(unknownGroup(name));
  if (facts.strategies?.includes(group.strategy) === false)
    return fail(strategyUnsupported(group.strategy, type));
  if (group.strategy !== 'cluster') return ok(zones);
  const [there] = store.inGroup(name);
  if (there === undefined) return ok(zones);
  return zones.includes(there.zone) ? ok([there.zone]) : fail(groupElsewhere(name, there.zone));
}
