import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import { type AwsError, awsError } from '../wire/aws-error.ts';
import { list, type QueryNode, text } from './query-protocol.ts';
import { invalidValue, missing } from './refusals.ts';

export type Tags = Readonly<Record<string, string>>;

const maxTags = 50;

/** The `Tag.n` of a request. Limits: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html */
export function readTags(tree: QueryNode): Result<Tags, AwsError> {
  const tags: Record<string, string> = {};
  for (const tag of list(tree, 'Tag')) {
    const key = text(tag, 'Key');
    const value = text(tag, 'Value') ?? '';
    if (key === undefined || key === '') return fail(missing('Tag key'));
    if (key.length > 128) return fail(invalidValue(`Tag key exceeds the maximum length of 128 characters`));
    if (value.length > 256)
      return fail(invalidValue(`Tag value exceeds the maximum length of 256 characters`));
    if (/^aws:/i.test(key)) {
      return fail(
        invalidValue(
          `Value ( ${key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
        ),
      );
    }
    if (Object.hasOwn(tags, key)) return fail(invalidValue(`Duplicate tag key '${key}' specified.`));
    tags[key] = value;
  }
  return withinLimit(tags);
}

export function withinLimit(tags: Tags): Result<Tags, AwsError> {
  if (Object.keys(tags).length <= maxTags) return ok(tags);
  return fail(awsError('TagLimitExceeded', `More than ${maxTags} tags specified`));
}
