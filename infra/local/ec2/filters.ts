import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { AwsError } from '../wire/aws-error.ts';
import { type InstanceRecord, stateCodes } from './instance-record.ts';
import { list, type QueryTree, text, texts } from './query-protocol.ts';
import { invalidValue } from './refusals.ts';

type Values = (instance: InstanceRecord) => readonly string[];

/** The filters of DescribeInstances that the embedded EC2 knows; another one is refused by name. */
const simple: Readonly<Record<string, Values>> = {
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
  'subnet-id': ({ subnetId }) => [subnetId],
  'tag-key': ({ tags }) => Object.keys(tags),
};

/** All filters must hold; of one filter any value. `*` and `?` are wildcards. */
export function readFilters(call: QueryTree): Result<(instance: InstanceRecord) => boolean, AwsError> {
  const tests: ((instance: InstanceRecord) => boolean)[] = [];
  for (const filter of list(call, 'Filter')) {
    const name = text(filter, 'Name') ?? '';
    const values = valuesOf(name);
    if (!values) return fail(invalidValue(`The filter '${name}' is invalid`));
    const patterns = texts(filter, 'Value').map(wildcard);
    if (patterns.length === 0)
      return fail(invalidValue(`The filter '${name}' is invalid. It must have a value.`));
    tests.push((instance) =>
      values(instance).some((value) => patterns.some((pattern) => pattern.test(value))),
    );
  }
  return ok((instance) => tests.every((test) => test(instance)));
}

function valuesOf(name: string): Values | undefined {
  if (!name.startsWith('tag:')) return Object.hasOwn(simple, name) ? simple[name] : undefined;
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
