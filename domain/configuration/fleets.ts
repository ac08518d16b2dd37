import * as z from 'zod';
import { name } from './name.ts';
import { mustBe } from './problem.ts';

/** The fleets that a run may go to, by name. */
export const fleets = z
  .array(name, { error: mustBe('a list of fleet names', 'write [my-fleet]') })
  .min(1, 'names no fleet\nleave the field out for the default fleet')
  .max(10, 'names more than 10 fleets');
