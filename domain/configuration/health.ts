import * as z from 'zod';
import { describe } from './describe.ts';
import { duration } from './duration.ts';
import { healthChecks, healthSpec } from './normalized.ts';
import { mustBe, withHint } from './problem.ts';
import { bytesOf, oneOf, text } from './text.ts';

const HALF_A_MINUTE = 30;
// The job waits for it on its instance, and who looks after the job waits with it.
const LONGEST = 600;
/** It is part of the fleet's state, which is one item of DynamoDB's. */
const MAX_SCRIPT_BYTES = 16 * 1024;

const script = text('a script, after `|`')
  .refine((written) => written.trim() !== '', 'is empty')
  .refine((written) => bytesOf(written) <= MAX_SCRIPT_BYTES, {
    error: withHint(
      `is longer than ${MAX_SCRIPT_BYTES / 1024} KB`,
      'have the script call one that is on the nodes',
    ),
  });

const timeout = duration.refine((seconds) => seconds >= 1 && seconds <= LONGEST, {
  error: (issue) => withHint(`must be from 1s to 10m, not ${describe(issue.input)}`),
});

const fields = z
  .strictObject(
    {
      checks: z
        .array(oneOf(healthChecks), { error: mustBe('a list of `disk`, `memory` and `gpu`') })
        .nullish()
        .transform((said) => [...new Set(said ?? healthChecks)]),
      script: script.nullish().transform((said) => said ?? null),
      timeout: timeout.nullish().transform((said) => said ?? HALF_A_MINUTE),
    },
    { error: mustBe('true, or a map of `checks`, `script` and `timeout`') },
  )
  .refine(({ checks, script }) => checks.length > 0 || script !== null, {
    error: withHint('checks nothing', 'name a check, or write a script'),
  });
export const HEALTH_FIELDS = Object.keys(fields.shape);

/** What a node is asked before its first job and after a failure: `true` for all that is built in. */
export const health = z
  .preprocess(
    (written) => (written === true ? {} : written === false ? null : written),
    fields.nullish().transform((said) => said ?? null),
  )
  .pipe(healthSpec.nullable());
