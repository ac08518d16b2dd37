import * as z from 'zod';
import { Plan } from '../planning/plan.ts';
import { CodeArchive } from '../run/code.ts';
import { StoredTask } from '../run/events.ts';
import { Problem } from './problem.ts';

/** A configuration as JSON. As YAML the text itself is the body, as `application/yaml`. */
export const ConfigurationRequest = z
  .object({
    // As it was sent: a record would drop a `__proto__` unseen, which is to be refused like any unknown field.
    configuration: z
      .custom<object>((value) => typeof value === 'object' && value !== null, 'must be a map of fields')
      .meta({
        description: "dstack's fields, as in the YAML",
        override: { type: 'object', additionalProperties: {} },
      }),
    name: z.string().optional().meta({ description: "Instead of the configuration's own name" }),
    code: CodeArchive.optional().meta({
      description: 'To submit what names `files` or `repos`: an archive that was stored by POST /v1/code',
    }),
  })
  .meta({ id: 'ConfigurationRequest' });

export const RunPlan = z
  .object({
    name: z.string().nullable(),
    fleet: z.string(),
    configuration: StoredTask,
    plan: Plan.meta({ description: 'For each node; of several groups, for each of the first' }),
    other_groups: z
      .array(z.object({ name: z.string().nullable(), nodes: z.int(), plan: Plan }))
      .meta({ description: 'The same for each node of the groups after the first' }),
    launch_limit: z.object({ instances: z.int(), running: z.int() }),
    refusal: Problem.nullable()
      .default(null)
      .meta({ description: 'What `POST /v1/runs` would answer now: an unfinished run has its name' }),
  })
  .meta({ id: 'RunPlan' });
export type RunPlan = z.infer<typeof RunPlan>;

export const OfferList = z.object({ plan: Plan }).meta({ id: 'OfferList' });
export type OfferList = z.infer<typeof OfferList>;
