/** Milliseconds since the Unix epoch, UTC. Time reaches the domain as an argument, never from a clock. */
export type Instant = number;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** ISO 8601 with milliseconds, as the API shows instants. */
export const iso = (at: Instant): string => new Date(at).toISOString();
