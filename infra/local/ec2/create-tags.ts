import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import { type AwsError, awsError } from '../wire/aws-error.ts';
import type { Faults } from '../wire/faults.ts';
import { findVisible } from './describe-instances.ts';
import { type QueryTree, texts } from './query-protocol.ts';
import { missing } from './refusals.ts';
import type { InstanceStore } from './store.ts';
import { readTags, withinLimit } from './tags.ts';

/** Tags on instances. Other resources do not exist here. All of them get the tags, or none. */
export function createTags(
  call: QueryTree,
  context: { readonly store: InstanceStore; readonly faults: Faults; readonly now: number },
): Result<void, AwsError> {
  const ids = texts(call, 'ResourceId');
  if (ids.length === 0) return fail(missing('resourceIdSet'));
  const other = ids.find((id) => !id.startsWith('i-'));
  if (other !== undefined) return fail(awsError('InvalidID', `The ID '${other}' is not valid`));
  const tags = readTags(call);
  if (!tags.ok) return tags;
  const found = findVisible(ids, context);
  if (!found.ok) return found;
  const tagged = found.value.map((instance) => ({ ...instance, tags: { ...instance.tags, ...tags.value } }));
  for (const instance of tagged) {
    const within = withinLimit(instance.tags);
    if (!within.ok) return within;
  }
  for (const instance of tagged) context.store.save(instance);
  return ok(undefined);
}
