import { expect, test } from 'vitest';
import { withOverrides } from '../../../domain/configuration/overrides.ts';
import { defaultsOf, parseProfiles } from '../../../domain/configuration/profile.ts';

const none = { overrides: [], variables: [], args: [] };

test('a profile gives what the file does not have, and what it has as null', () => {
  const read = parseProfiles({
    profiles: [{ name: 'cheap', default: true, max_price: 1, spot_policy: 'auto', retry: true }],
  });
  if (!read.ok) throw new Error(read.error[0]?.message);
  const [profile] = read.value;
  if (profile === undefined) throw new Error('it has one');
  const file = { type: 'task', commands: ['true'], max_price: 2, retry: null };
  const { written, overridden } = withOverrides(file, { ...none, defaults: defaultsOf(profile) });
  expect(written).toEqual({ ...file, retry: true, spot_policy: 'auto' });
  expect(overridden.map(({ by, path }) => [by, ...path])).toEqual([
    ['profile cheap', 'spot_policy'],
    ['profile cheap', 'retry'],
  ]);
});

test.each([
  ['nothing', null, [], 'must be a map with `profiles`'],
  ['a list', [], [], 'must be a map with `profiles`'],
  ['no list', { profiles: {} }, ['profiles'], 'must be a list of profiles'],
  ['no name', { profiles: [{ max_price: 1 }] }, ['profiles', 0, 'name'], 'is missing: a name'],
  [
    'one name twice',
    { profiles: [{ name: 'a' }, { name: 'a' }] },
    ['profiles', 1, 'name'],
    'two profiles "a"',
  ],
  [
    'two defaults',
    {
      profiles: [
        { name: 'a', default: true },
        { name: 'b', default: true },
      ],
    },
    ['profiles', 1, 'default'],
    'another profile is the default',
  ],
  [
    'a field of a run',
    { profiles: [{ name: 'a', commands: [] }] },
    ['profiles', 0, 'commands'],
    '"commands" is no field of a profile',
  ],
  [
    'a misspelt field',
    { profiles: [{ name: 'a', max_prize: 1 }] },
    ['profiles', 0, 'max_prize'],
    'did you mean `max_price`?',
  ],
  ['a field beside `profiles`', { profiles: [], profile: 1 }, ['profile'], 'unknown field'],
])('a file with %s is refused, at its place', (_, written, path, says) => {
  const read = parseProfiles(written);
  expect(read.ok ? [] : read.error).toMatchObject([{ path, message: expect.stringContaining(says) }]);
});
