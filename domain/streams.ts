import { Fleet } from './fleet/stream.ts';
import { Instance } from './instance/stream.ts';
import { Job } from './job/stream.ts';
import type { DomainEvent, Stream, StreamName, StreamRef } from './kernel/stream.ts';
import { Run } from './run/stream.ts';

export const streams = { Run, Job, Instance, Fleet } as const;

/** A stream of which nobody knows more than the name. */
export const streamNamed = (name: StreamName): Stream<unknown, DomainEvent> =>
  streams[name] as unknown as Stream<unknown, DomainEvent>;

/** Reads a stored event back; an unknown or damaged one is an outage, never skipped. */
export function parseEvent(name: StreamName, stored: unknown): DomainEvent {
  const parsed = streamNamed(name).event.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new Error(
    `an event of ${name} that this version cannot read: ${JSON.stringify(stored)?.slice(0, 200)}`,
    {
      cause: parsed.error,
    },
  );
}

/** `Job-01j…-0` and back: a stream's partition key, and all that a doorbell carries. */
export const keyOf = ({ name, id }: StreamRef): string => `${name}-${id}`;

export function refOf(key: string): StreamRef | undefined {
  const dash = key.indexOf('-');
  const name = key.slice(0, dash);
  return Object.hasOwn(streams, name) ? { name: name as StreamName, id: key.slice(dash + 1) } : undefined;
}
