import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { AwsError } from '../wire/aws-error.ts';
import type { Place } from '../wire/aws-event.ts';
import { readFilters } from './filters.ts';
import type { GroupStore, PlacementGroup } from './group-store.ts';
import type { Strategy } from './instance-record.ts';
import { list, type QueryTree, text, texts, type XmlValue } from './query-protocol.ts';
import {
  dryRun,
  groupInUse,
  groupThere,
  invalidValue,
  missing,
  tooManyGroups,
  unknownGroup,
} from './refusals.ts';
import type { InstanceStore } from './store.ts';
import { readTags, type Tags } from './tags.ts';

type Context = { readonly groups: GroupStore; readonly store: InstanceStore };

/** Of an account in a region: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/limitations-placement-groups.html */
const mostGroups = 500;

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreatePlacementGroup.html */
export function createPlacementGroup(call: QueryTree, { groups }: Context): Result<PlacementGroup, AwsError> {
  const name = text(call, 'GroupName');
  if (name === undefined || name === '') return fail(missing('GroupName'));
  if (name.length > 255 || /[^\x20-\x7e]/.test(name))
    return fail(invalidValue(`Value (${name}) for parameter groupName is invalid.`));
  const strategy = readStrategy(text(call, 'Strategy') ?? 'cluster');
  if (strategy === undefined)
    return fail(invalidValue(`Value (${text(call, 'Strategy')}) for parameter strategy is invalid.`));
  const tags = readGroupTags(call);
  if (!tags.ok) return tags;
  if (text(call, 'DryRun') === 'true') return fail(dryRun);
  if (groups.find(name)) return fail(groupThere(name));
  if (groups.all().length >= mostGroups) return fail(tooManyGroups);
  return ok(groups.add({ name, strategy, tags: tags.value }));
}

/** All of them in one answer, which EC2 does not page either. */
export function describePlacementGroups(
  call: QueryTree,
  { groups }: Context,
): Result<PlacementGroup[], AwsError> {
  const names = texts(call, 'GroupName');
  const unknown = names.find((name) => groups.find(name) === undefined);
  if (unknown !== undefined) return fail(unknownGroup(unknown));
  const filter = readFilters<PlacementGroup>(call, {
    'group-name': ({ name }) => [name],
    state: () => ['available'],
    strategy: ({ strategy }) => [strategy],
    'tag-key': ({ tags }) => Object.keys(tags),
  });
  if (!filter.ok) return filter;
  const named = names.length === 0 ? groups.all() : names.flatMap((name) => groups.find(name) ?? []);
  return ok(named.filter(filter.value));
}

export function deletePlacementGroup(call: QueryTree, { groups, store }: Context): Result<void, AwsError> {
  const name = text(call, 'GroupName');
  if (name === undefined || name === '') return fail(missing('GroupName'));
  if (groups.find(name) === undefined) return fail(unknownGroup(name));
  if (store.inGroup(name).length > 0) return fail(groupInUse(name));
  if (text(call, 'DryRun') === 'true') return fail(dryRun);
  return ok(groups.remove(name));
}

export const groupXml = (group: PlacementGroup, { region, account }: Place): XmlValue => ({
  groupName: group.name,
  groupId: group.id,
  groupArn: `arn:aws:ec2:${region}:${account}:placement-group/${group.name}`,
  strategy: group.strategy,
  state: 'available',
  tagSet: Object.entries(group.tags).map(([key, value]) => ({ key, value })),
});

const strategies: readonly Strategy[] = ['cluster', 'partition', 'spread'];
const readStrategy = (written: string): Strategy | undefined => strategies.find((one) => one === written);

function readGroupTags(call: QueryTree): Result<Tags, AwsError> {
  let tags: Tags = {};
  for (const specification of list(call, 'TagSpecification')) {
    const type = text(specification, 'ResourceType');
    if (type !== 'placement-group')
      return fail(invalidValue(`'${type ?? ''}' is not a valid taggable resource type for this operation.`));
    const read = readTags(specification);
    if (!read.ok) return read;
    tags = { ...tags, ...read.value };
  }
  return ok(tags);
}
