import * as z from 'zod';
import { describe } from './describe.ts';
import { name } from './name.ts';
import { mustBe, readBy, refuse } from './problem.ts';

const reference = z.strictObject(
  { name, project: name.nullish() },
  { error: mustBe('a fleet name, or a map of `name` and `project`') },
);

/** `small`, `main/small`, `{name: small, project: main}`: the last two are one text, which names the project first. */
export const fleetReference = z
  .union([z.string(), z.looseObject({})], { error: mustBe('the name of a fleet') })
  .transform((written, ctx): string => {
    if (typeof written !== 'string') {
      const { name: fleet, project } = readBy(reference, written, ctx, 'inside');
      return project == null ? fleet : `${project}/${fleet}`;
    }
    const parts = written.split('/');
    if (parts.length > 2) return refuse(ctx, `${describe(written)} is neither a fleet nor project/fleet`);
    return parts.map((part) => readBy(name, part, ctx, 'here')).join('/');
  });

/** The fleets that a run may go to. */
export const fleets = z
  .array(fleetReference, { error: mustBe('a list of fleet names', 'write [my-fleet]') })
  .min(1, 'names no fleet\nleave the field out for the default fleet')
  .max(10, 'names more than 10 fleets');
