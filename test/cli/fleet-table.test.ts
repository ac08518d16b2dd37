import { expect, test } from 'vitest';
import { fleetTable } from '../../cli/show/fleets.ts';
import { FleetSummary } from '../../domain/api/instance.ts';
import type { FleetEvent } from '../../domain/fleet/events.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { given, T0 } from '../domain/given.ts';

const output = { paint: new Proxy({}, { get: () => (text: string) => text }), width: () => 300 };
const created: FleetEvent = { type: 'FleetCreated', project: 'main', limits: { instances: 2 } };
const lines = (...events: FleetEvent[]) =>
  fleetTable(
    [FleetSummary.parse(Fleet.view(given(Fleet, created, ...events), 'small'))],
    output as never,
    T0,
  );

test('what is spent, what is committed and the budget have a column each', () => {
  expect(lines()[0]).toMatch(/ SPENT +COMMITTED +BUDGET /);
});

test('a deleted fleet takes nobody', () => {
  expect(lines()[1]).toMatch(/ open$/);
  expect(lines({ type: 'FleetDeleted' })[1]).toMatch(/ deleted .* closed$/);
});
