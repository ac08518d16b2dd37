import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { AwsError } from '../wire/aws-error.ts';
import type { Faults } from '../wire/faults.ts';
import { instanceFilters, readFilters } from './filters.ts';
import type { InstanceRecord } from './instance-record.ts';
import { type QueryTree, text, texts } from './query-protocol.ts';
import { invalidCombination, invalidValue, malformedInstance, unknownInstances } from './refusals.ts';
import type { InstanceStore } from './store.ts';

export type InstancePage = {
  readonly instances: readonly InstanceRecord[];
  readonly nextToken: string | undefined;
};

const largestPage = 1000;

export function describeInstances(
  call: QueryTree,
  context: { readonly store: InstanceStore; readonly faults: Faults; readonly now: number },
): Result<InstancePage, AwsError> {
  const ids = texts(call, 'InstanceId');
  const size = text(call, 'MaxResults');
  if (ids.length > 0 && size !== undefined) {
    return fail(
      invalidCombination('The parameter instancesSet cannot be used with the parameter maxResults'),
    );
  }
  if (size !== undefined && !(Number(size) >= 5 && Number(size) <= largestPage)) {
    return fail(
      invalidValue(
        `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between 5 and ${largestPage}.`,
      ),
    );
  }
  const named = findVisible(ids, context);
  if (!named.ok) return named;
  const filter = readFilters(call, instanceFilters);
  if (!filter.ok) return filter;
  const after = readCursor(text(call, 'NextToken'));
  if (!after.ok) return after;

  const matching = named.value.filter((instance) => instance.number > after.value && filter.value(instance));
  const page = size === undefined ? matching : matching.slice(0, Number(size));
  const last = page.at(-1);
  return ok({
    instances: page,
    nextToken: last && page.length < matching.length ? cursor(last.number) : undefined,
  });
}

/** What the caller may see: not the ones terminated long ago, nor (by switch) those launched a moment ago. */
export function findVisible(
  ids: readonly string[],
  { store, faults, now }: { readonly store: InstanceStore; readonly faults: Faults; readonly now: number },
): Result<InstanceRecord[], AwsError> {
  const visible = (instance: InstanceRecord) =>
    now - instance.launchedAt >= faults.instanceVisibleAfterMs &&
    (instance.terminatedAt === null || now - instance.terminatedAt < faults.terminatedVisibleMs);
  if (ids.length === 0) return ok([...store.all()].filter(visible));

  const malformed = ids.find((id) => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
  if (malformed !== undefined) return fail(malformedInstance(malformed));
  const found = [...new Set(ids)].map((id) => ({ id, instance: store.find(id) }));
  const unknown = found.filter(({ instance }) => !instance || !visible(instance)).map(({ id }) => id);
  if (unknown.length > 0) return fail(unknownInstances(unknown));
  return ok(found.flatMap(({ instance }) => instance ?? []));
}

const cursor = (number: number): string => Buffer.from(`after:${number}`).toString('base64url');

function readCursor(token: string | undefined): Result<number, AwsError> {
  if (token === undefined) return ok(0);
  const [, number] = /^after:(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  return number === undefined ? fail(invalidValue('Unable to parse pagination token')) : ok(Number(number));
}
