import { describe, expect, it } from 'vitest';
import { submit } from '../../../domain/coordination/submit.ts';
import { FleetName, runId } from '../../../domain/kernel/ids.ts';
import { memoryEventStore } from '../../fakes/memory-event-store.ts';
import { virtualClock } from '../../functions/virtual-clock.ts';
import { golden } from '../../golden/golden-events.ts';

const provenance = { by: 'user:alice', causation: null, correlation: 'a-test' };

/** Submits runs one after the other, each draw of the names' chance as `draws` has it. */
function submitter(draws: readonly number[]) {
  const clock = virtualClock(1_000, 1);
  const left = [...draws];
  const on = { store: memoryEventStore(), runtime: { ...clock, random: () => left.shift() ?? 0.99 } };
  const { configuration, project, user, fingerprint, seal } = golden('RunSubmitted');
  let runs = 0;
  return (name?: string) =>
    submit(on, provenance, {
      ...{ id: runId(`01k9zv8q4m3x7r2t5w8y0000${String(++runs).padStart(2, '0')}`), name },
      ...{ project, user, fingerprint, seal, code: null, configuration, fleet: FleetName.parse('default') },
    });
}

describe('the name of a run', () => {
  it('that is made up and another run has is made up again', async () => {
    const runs = submitter([0, 0, 0, 0, 0, 0, 0.5, 0.5, 0.5]);
    const [first, second] = [await runs(), await runs()];
    expect(first).toMatchObject({ ok: true, value: { name: 'amber-auk-0' } });
    expect(second).toMatchObject({ ok: true, value: { name: expect.stringMatching(/-50$/) } });
  });

  it('of the user’s own that another run has is refused', async () => {
    const runs = submitter([]);
    await runs('train');
    expect(await runs('train')).toMatchObject({ ok: false, error: { kind: 'name-taken', name: 'train' } });
  });
});
