import * as z from 'zod';

/** What a job is tried again after, in dstack's words. */
export const RETRY_EVENTS = ['no-capacity', 'interruption', 'error'] as const;
export const RetryEvent = z.enum(RETRY_EVENTS);
export type RetryEvent = z.infer<typeof RetryEvent>;

/** Which ends of a submission are followed by another, and for how long; seconds. */
export const Retry = z.object({ on_events: z.array(RetryEvent), duration: z.number() }).meta({ id: 'Retry' });
export type Retry = z.infer<typeof Retry>;
