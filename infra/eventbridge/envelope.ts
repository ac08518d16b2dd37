import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { disclosed } from '../../domain/disclosed.ts';
import { iso } from '../../domain/kernel/instant.ts';
import type { Commit } from '../../domain/kernel/stream.ts';
import { keyOf } from '../../domain/streams.ts';

const SOURCE = 'sortie';

/** A commit's events as the bus carries them: docs/events.md. The n-th event of a commit has the same id each time. */
export function entriesOf(bus: string, commit: Commit): PutEventsRequestEntry[] {
  const { stream, version, at, by, causation, correlation } = commit;
  return commit.events.map((event, n) => ({
    EventBusName: bus,
    Source: SOURCE,
    DetailType: event.type,
    Time: new Date(at),
    Detail: JSON.stringify({
      event_id: `${keyOf(stream)}/${version}/${n}`,
      stream: stream.name,
      id: stream.id,
      version,
      at: iso(at),
      by,
      causation,
      correlation,
      event: disclosed(event),
    }),
  }));
}

/** As EventBridge counts an entry: 14 bytes for the time, else the UTF-8 of its texts. */
export const sizeOf = ({ Source, DetailType, Detail }: PutEventsRequestEntry): number =>
  [Source, DetailType, Detail].reduce((size, text) => size + Buffer.byteLength(text ?? ''), 14);
