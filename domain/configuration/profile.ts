import * as z from 'zod';
import { fail, ok, type Result } from '../kernel/result.ts';
import { quote } from './describe.ts';
import type { Override } from './overrides.ts';
import { mustBe, type Problem, problemsOf } from './problem.ts';
import { similar } from './similar.ts';

/** Defaults for runs, under a name. */
export interface Profile {
  readonly name: string;
  readonly default: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** dstack's fields of a profile; the parser of tasks tells of those that it does not act on yet. */
const FIELDS = [
  ...[
    'backends',
    'regions',
    'availability_zones',
    'instance_types',
    'reservation',
    'spot_policy',
    'cpu_credits',
  ],
  ...['retry', 'max_duration', 'stop_duration', 'max_price', 'creation_policy', 'idle_duration'],
  ...['utilization_policy', 'startup_order', 'stop_criteria', 'schedule', 'fleets', 'instances', 'tags'],
];

const file = z.strictObject(
  {
    profiles: z.array(
      z.looseObject(
        {
          name: z.string({ error: mustBe('a name') }).min(1, 'is empty'),
          default: z.boolean({ error: mustBe('true or false') }).nullish(),
        },
        { error: mustBe('a map with a `name`') },
      ),
      { error: mustBe('a list of profiles') },
    ),
  },
  { error: mustBe('a map with `profiles`') },
);

/** Reads a `profiles.yml`, in dstack's form: `profiles: [{name, default, …}]`. The values are checked with the run they are for. */
export function parseProfiles(value: unknown): Result<readonly Profile[], readonly Problem[]> {
  const read = file.safeParse(value);
  if (!read.success)
    return fail(
      problemsOf(read.error, (path, key) => ({
        path: [...path, key],
        message: 'unknown field',
        about: 'key',
      })),
    );
  const { profiles } = read.data;
  const problems = profiles.flatMap((profile, index): Problem[] => {
    const before = profiles.slice(0, index);
    const strange = Object.keys(profile).filter((key) => !['name', 'default', ...FIELDS].includes(key));
    return [
      ...(before.some(({ name }) => name === profile.name)
        ? [{ path: ['profiles', index, 'name'], message: `there are two profiles ${quote(profile.name)}` }]
        : []),
      ...(profile.default && before.some((one) => one.default)
        ? [{ path: ['profiles', index, 'default'], message: 'another profile is the default already' }]
        : []),
      ...strange.map((key) => strangeField(index, key)),
    ];
  });
  if (problems.length > 0) return fail(problems);
  return ok(
    profiles.map(({ name, default: isDefault, ...fields }) => ({
      name,
      default: isDefault ?? false,
      fields,
    })),
  );
}

function strangeField(index: number, key: string): Problem {
  const meant = similar(key, FIELDS);
  const message = `${quote(key)} is no field of a profile${meant === null ? '' : `, did you mean \`${meant}\`?`}`;
  return { path: ['profiles', index, key], message, about: 'key' };
}

/** What a profile gives to a run that does not say otherwise. */
export const defaultsOf = ({ name, fields }: Profile): Override[] =>
  Object.entries(fields).map(([field, value]) => ({ by: `profile ${name}`, path: [field], value }));
