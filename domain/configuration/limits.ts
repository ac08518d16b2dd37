import * as z from 'zod';
import { describe } from './describe.ts';
import { MOST_INSTANCES, SEVERAL_FLEETS } from './most-instances.ts';
import { mustBe, withHint } from './problem.ts';

const count = (what: string) =>
  z.int({ error: mustBe(`a whole number of ${what}`) }).min(1, 'must be at least 1');

const orNone = (counted: z.ZodNumber) => counted.nullish().transform((value) => value ?? null);

const dollars = (what: string) =>
  z
    .number({ error: mustBe(what, 'write a number such as 2.5') })
    .refine((amount) => Number.isFinite(amount) && amount > 0, {
      error: (issue) => `must be more than 0 dollars, not ${describe(issue.input)}`,
    })
    .nullish()
    .transform((value) => value ?? null);

const fields = z.strictObject(
  {
    instances: orNone(
      count('instances').max(MOST_INSTANCES, withHint(`must be at most ${MOST_INSTANCES}`, SEVERAL_FLEETS)),
    ),
    vcpus: orNone(count('vCPUs')),
    price_per_hour: dollars('dollars per hour'),
    budget: dollars('dollars'),
  },
  { error: mustBe('a map of `instances`, `vcpus`, `price_per_hour` and `budget`') },
);
export const LIMIT_FIELDS = Object.keys(fields.shape);

/** What a fleet may have at one time, and what it may cost in all. Sortie's own: dstack has none. */
export const limits = fields;
export const NO_LIMITS = { instances: null, vcpus: null, price_per_hour: null, budget: null };
