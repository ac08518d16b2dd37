import { expect, test } from 'vitest';
import { fleetLines, fleetTable } from '../../cli/show/fleets.ts';
import { FleetDetail } from '../../domain/api/fleet.ts';
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

test('a placement group is shown with where it is, from its creation to its end', () => {
  const group = 'small-0123abcd';
  const requested: FleetEvent = { type: 'PlacementGroupRequested', group };
  const made: FleetEvent = { type: 'PlacementGroupCreated', group, name: `sortie-prod-${group}` };
  const shown = (...events: FleetEvent[]) => {
    const view = Fleet.view(given(Fleet, created, ...events), 'small') as object;
    const detail = FleetDetail.parse({ ...view, configuration: null, pool: [], runs: [] });
    return fleetLines(detail, new Map(), output as never, T0).find((line) =>
      line.includes('placement group'),
    );
  };
  expect(shown()).toBeUndefined();
  expect(shown(requested)).toBe('  placement group: is being created');
  expect(shown(requested, made)).toBe(`  placement group: sortie-prod-${group}, without an instance`);
  expect(shown(requested, made, { type: 'PlacementGroupReleased', group })).toBe(
    '  placement group: is being deleted',
  );
});
