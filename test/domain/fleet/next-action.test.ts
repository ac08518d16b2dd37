import { expect, test } from 'vitest';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { nextAction } from '../../../domain/fleet/next-action.ts';
import type { FleetState } from '../../../domain/fleet/state.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { MINUTE } from '../../../domain/kernel/instant.ts';
import { fold } from '../../../domain/kernel/stream.ts';
import { golden } from '../../golden/golden-events.ts';
import { given, T0 } from '../given.ts';

const created: FleetEvent = { type: 'FleetCreated', project: 'main', limits: { instances: 2 } };
const configured = golden('FleetConfigured') as FleetEvent;
const kindAt = (fleet: FleetState, at: number) => nextAction(fleet, at).kind;

test.each([configured, golden('FleetLimitsChanged') as FleetEvent])(
  'a fleet whose limits moved has its queue served, until all who wait have looked by themselves',
  (moved) => {
    const fleet = fold(Fleet, given(Fleet, created), [moved], T0 + MINUTE) as FleetState;
    expect(kindAt(fleet, T0 + MINUTE)).toBe('serve-queue');
    expect(kindAt(fleet, T0 + 2 * MINUTE - 1)).toBe('serve-queue');
    expect(kindAt(fleet, T0 + 2 * MINUTE)).toBe('rest');
  },
);

test('nobody waits for a fleet that has just come into being', () => {
  expect(kindAt(given(Fleet, created), T0)).toBe('rest');
  expect(kindAt(fold(Fleet, undefined, [created, configured], T0) as FleetState, T0)).toBe('rest');
});
