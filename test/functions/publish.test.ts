import { describe, expect, it } from 'vitest';
import { readLetter } from '../../domain/dead-letters/letter.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { publish } from '../../functions/publish/publish.ts';
import { T0 } from '../domain/given.ts';
import { memoryBus } from '../fakes/memory-bus.ts';
import { memoryDeadLetters } from '../fakes/memory-dead-letters.ts';
import { memoryTally } from '../fakes/memory-tally.ts';
import { golden } from '../golden/golden-events.ts';

const item = (version: number, event: unknown = golden('FleetLimitsChanged')) => ({
  pk: 'Fleet-default',
  sk: String(version).padStart(10, '0'),
  at: T0,
  by: 'user:alice',
  correlation: 'default',
  events: JSON.stringify([event]),
});

function publishing() {
  const clock = { at: T0 };
  const now = () => clock.at;
  const [bus, letters, tally] = [memoryBus(), memoryDeadLetters(now), memoryTally()];
  return { clock, bus, letters, on: { bus, letters, tally, tell: () => {}, now } };
}

describe('publishing a batch', () => {
  it('puts each commit on the bus', async () => {
    const { bus, letters, on } = publishing();
    await publish(on, [item(1), item(2)]);
    expect(bus.published.map(({ version }) => version)).toEqual([1, 2]);
    expect(letters.ids()).toEqual([]);
  });

  it('that the bus does not take fails for five minutes, for the stream to bring it again', async () => {
    const { clock, bus, letters, on } = publishing();
    bus.out = true;
    clock.at += 5 * MINUTE - 1;
    await expect(publish(on, [item(1)])).rejects.toThrow('the bus does not answer');
    expect(letters.ids()).toEqual([]);
  });

  it('that the bus has not taken for five minutes is left in the queue by name', async () => {
    const { clock, bus, letters, on } = publishing();
    bus.out = true;
    clock.at += 5 * MINUTE;
    await publish(on, [item(1), item(2)]);
    const [held] = await letters.take(1);
    expect(held && readLetter(held)).toEqual({
      kind: 'unpublished',
      commits: [1, 2].map((version) => ({ stream: { name: 'Fleet', id: 'default' }, version })),
      error: 'Error: the bus does not answer',
      recorded: ['2026-11-20T12:00:00.000Z', '2026-11-20T12:00:00.000Z'],
    });
  });

  it('with an event that this version cannot read is left by name as well: a later one may', async () => {
    const { clock, letters, on } = publishing();
    clock.at += 5 * MINUTE;
    await publish(on, [item(1, { type: 'FleetPainted' })]);
    expect(letters.ids()).toHaveLength(1);
  });
});
