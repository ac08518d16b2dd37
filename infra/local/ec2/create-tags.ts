import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import { type AwsError, awsError } from '../wire/aws-error.ts';
import type { Faults } from '../wire/faults.ts';
import { findVisible } from './describe-instances.ts';
import { list, type QueryTree, text, texts } from './query-protocol.ts';
import { missing } from './refusals.ts';
import type { InstanceStore } from './store.ts';
import { readTags, withinLimit } from './tags.ts';

interface Context {
  readonly store: InstanceStore;
  readonly faults: Faults;
  readonly now: number;
}

/** Tags on instances. Other resources do not exist here. All of them get the tags, or none. */
export function createTags(call: QueryTree, context: Context): Result<void, AwsError> {
  const tags = readTags(call);
  if (!tags.ok) return tags;
  const found = resourcesOf(call, context);
  if (!found.ok) return found;
  const tagged = found.value.map((instance) => ({ ...instance, tags: { ...instance.tags, ...tags.value } }));
  for (const instance of tagged) {
    const within = withinLimit(instance.tags);
    if (!within.ok) return within;
  }
  for (const instance of tagged) context.store.save(instance);
  return ok(undefined);
}

/** A tag that is given with a value goes only if it has that value; one that is not there is no error. */
export function deleteTags(call: QueryTree, context: Context): Result<void, AwsError> {
  const found = resourcesOf(call, context);
  if (!found.ok) return found;
  const gone = list(call, 'Tag').map((tag) => ({ key: text(tag, 'Key'), value: text(tag, 'Value') }));
  const goes = (name: string, value: string) =>
    gone.some((tag) => tag.key === name && (tag.value === undefined || tag.value === value));
  for (const instance of found.value) {
    const kept = Object.entries(instance.tags).filter(([name, value]) => !goes(name, value));
    context.store.save({ ...instance, tags: Object.fromEntries(kept) });
  }
  return ok(undefined);
}

function resourcesOf(call: QueryTree, context: Context): ReturnType<typeof findVisible> {
  const ids = texts(call, 'ResourceId');
  if (ids.length === 0) return fail(missing('resourceIdSet'));
  const other = ids.find((id) => !id.startsWith('i-'));
  if (other !== undefined) return fail(awsError('InvalidID', `The ID '${other}' is not valid`));
  return findVisible(ids, context);
}
