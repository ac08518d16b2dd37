import * as z from 'zod';
import { RETRY_EVENTS, Retry } from '../kernel/retry.ts';
import { describe } from './describe.ts';
import { duration } from './duration.ts';
import { mustBe, readBy } from './problem.ts';
import { oneOf } from './text.ts';

/** dstack's defaults: after every kind of event, for an hour. */
const EVERY: Retry = { on_events: [...RETRY_EVENTS], duration: 3600 };

const onEvents = z
  .array(oneOf(RETRY_EVENTS), { error: mustBe('a list such as [no-capacity, interruption]') })
  .min(1, 'names no event\nleave it out to retry after any of them')
  .nullish()
  .transform((said) => RETRY_EVENTS.filter((event) => said?.includes(event) ?? true));

const fields = z.strictObject({
  on_events: onEvents,
  duration: duration
    .refine((seconds) => seconds > 0, {
      error: (issue) =>
        `must be more than 0, not ${describe(issue.input)}\nto never retry, leave \`retry\` out`,
    })
    .nullish()
    .transform((said) => said ?? EVERY.duration),
});
export const RETRY_FIELDS = Object.keys(fields.shape);

/** `true`, `false`, or `{on_events, duration}` with either left out. */
export const retry = z
  .union([z.boolean(), z.looseObject({})], {
    error: mustBe('true, false, or a map of `on_events` and `duration`'),
  })
  .transform((written, ctx): Retry | null => {
    if (typeof written === 'boolean') return written ? EVERY : null;
    return readBy(fields, written, ctx, 'inside');
  })
  .pipe(Retry.nullable());
