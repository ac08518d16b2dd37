import type { CallCounts } from '../../domain/metrics/call-counts.ts';
import { amountsOfCalls, toldOfCall } from '../../domain/metrics/counters.ts';
import type { Tally } from '../../domain/metrics/tally.ts';
import type { Tell } from '../../domain/metrics/told.ts';

export interface Accounts {
  readonly calls: CallCounts;
  readonly tally: Tally;
  readonly tell: Tell;
}

/** At the end of an invocation: what it asked of the cloud. Where the tally cannot be reached, the next one tells it. */
export async function tellCalls({ calls, tally, tell }: Accounts, once: string): Promise<void> {
  const taken = calls.take();
  if (taken.length === 0) return;
  try {
    await tally.add({ kind: 'cloud' }, amountsOfCalls(taken), once);
  } catch (error) {
    for (const call of taken) calls.hear(call, call.times);
    throw error;
  }
  tell(taken.map(toldOfCall));
}
