import type { InstanceEventOf } from './instance/events.ts';
import type { DomainEvent } from './kernel/stream.ts';

/** An event as others may read it: without the nonce, since whoever knew it could report in the instance's name. */
export function disclosed(event: DomainEvent): DomainEvent {
  if (event.type !== 'InstanceRequested' && event.type !== 'InstanceOrdered') return event;
  const { nonce: _, ...others } = event as InstanceEventOf<'InstanceRequested' | 'InstanceOrdered'>;
  return others;
}
