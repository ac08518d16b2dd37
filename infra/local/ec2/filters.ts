import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { AwsError } from '../wire/aws-error.ts';
import { type InstanceRecord, stateCodes } from './instance-record.ts';
import { list, type QueryTree, text, texts } from './query-protocol.ts';
import { invalidValue } from './refusals.ts';

type Values<T> = (one: T) => readonly string[];
type Known<T> = Readonly<Record<string, Values<T>>>;
type Tagged = { readonly tags: Readonly<Record<string, string>> };

/** The filters of DescribeInstances that the embedded EC2 knows; another one is refused by name. */
export const instanceFilters: Known<InstanceRecord> = {
  'availability-zone': ({ zone }) => [zone],
  'client-token': ({ clientToken }) => [clientToken ?? ''],
  'image-id': ({ imageId }) => [imageId],
  'instance-id': ({ id }) => [id],
  'instance-lifecycle': ({ market }) => (market === 'spot' ? ['spot'] : []),
  'instance-state-code': ({ state }) => [String(stateCodes[state])],
  'instance-state-name': ({ state }) => [state],
  'instance-type': ({ type }) => [type],
  'private-ip-address': ({ privateIp }) => [privateIp],
  'reservation-id': ({ reservation }) => [reservation],
  'placement-group-name': ({ group }) => (group ? [group] : []),
  'subnet-id': ({ subnetId }) => [subnetId],
  'tag-key': ({ tags }) => Object.keys(tags),
};

/** All filters must hold; of one filter any value. `*` and `?` are wildcards. */
export function readFilters<T extends Tagged>(
  call: QueryTree,
  known: Known<T>,
): Result<(one: T) => boolean, AwsError> {
  const tests: ((one: T) => boolean)[] = [];
  for (const filter of list(call, 'Filter')) {
    const name = text(filter, 'Name') ?? '';
    const values = valuesOf(name, known);
    if (!values) return fail(invalidValue(`The filter '${name}' is invalid`));
    const patterns = texts(filter, 'Value').map(wildcard);
    if (patterns.length === 0)
      return fail(invalidValue(`The filter '${name}' is invalid. It must have a value.`));
    tests.push((one) => values(one).some((value) => patterns.some((pattern) => pattern.test(value))));
  }
  return ok((one) => tests.every((test) => test(one)));
}

function valuesOf<T extends Tagged>(name: string, known: Known<T>): Values<T> | undefined {
  if (!name.startsWith('tag:')) return Object.hasOwn(known, name) ? known[name] : undefined;
  const key = name.slice('tag:'.length);
  return ({ tags }) => (Object.hasOwn(tags, key) ? [tags[key] ?? ''] : []);
}

const wildcard = (value: string): RegExp =>
  new RegExp(
    `^${value
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
