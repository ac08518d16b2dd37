import {
  EventBridgeClient,
  type EventBridgeClientConfig,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { Bus } from '../../domain/kernel/bus.ts';
import { timeouts } from '../timeouts.ts';
import { entriesOf, sizeOf } from './envelope.ts';

export interface EventBridgeBusConfig {
  readonly region: string;
  /** The bus's name or ARN. */
  readonly bus: string;
}

// PutEvents takes 10 entries. Together they may have 1 MB, 256 KB until 2026: what fits the old limit goes together, a
// single event may be larger than that.
const ENTRIES = 10;
const CALL_BYTES = 256 * 1024;

export function eventBridgeBus(config: EventBridgeBusConfig, settings: EventBridgeClientConfig = {}): Bus {
  const client = new EventBridgeClient({
    region: config.region,
    requestHandler: timeouts(10_000),
    ...settings,
  });
  return {
    async publish(commits) {
      const calls = together(commits.flatMap((commit) => entriesOf(config.bus, commit)));
      const refusals: string[] = [];
      for (const Entries of calls) {
        const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries }));
        for (const { ErrorCode, ErrorMessage } of results)
          if (ErrorCode !== undefined) refusals.push(`${ErrorCode}: ${ErrorMessage ?? ''}`);
      }
      if (refusals.length === 0) return;
      const total = calls.flat().length;
      throw new Error(
        `the bus ${config.bus} refused ${refusals.length} of ${total} events; first ${refusals[0]}`,
      );
    },
  };
}

function together(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const calls: PutEventsRequestEntry[][] = [];
  let size = 0;
  for (const entry of entries) {
    const call = calls.at(-1);
    const bytes = sizeOf(entry);
    if (call === undefined || call.length === ENTRIES || size + bytes > CALL_BYTES) {
      calls.push([entry]);
      size = bytes;
    } else {
      call.push(entry);
      size += bytes;
    }
  }
  return calls;
}
