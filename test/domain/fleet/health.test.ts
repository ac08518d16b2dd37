import { expect, it } from 'vitest';
import { parseFleet } from '../../../domain/configuration/fleet.ts';
import { changesBetween } from '../../../domain/fleet/changes.ts';
import { StoredFleet, storedFleet } from '../../../domain/fleet/stored-fleet.ts';

function stored(fields: Record<string, unknown>): StoredFleet {
  const read = parseFleet({ type: 'fleet', name: 'small', ...fields });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return storedFleet(read.value, 10);
}

it('a fleet that is to check its nodes shows what it will ask of them', () => {
  const script = 'mountpoint /data\ntest -w /data\n';
  expect(changesBetween(stored({}), stored({ health: { checks: ['disk', 'gpu'], script } }))).toEqual([
    { field: 'health', from: null, to: 'disk, gpu' },
    { field: 'health.script', from: null, to: 'mountpoint /data ⏎ test -w /data' },
    { field: 'health.timeout', from: null, to: '30s' },
  ]);
});

it('a fleet that was stored before nodes were checked has none checked', () => {
  const { health: _, ...before } = stored({});
  expect(StoredFleet.parse(before).health).toBeNull();
});
