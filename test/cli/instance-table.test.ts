import { expect, test } from 'vitest';
import { instanceTable } from '../../cli/show/instances.ts';
import { InstanceSummary } from '../../domain/api/instance.ts';
import type { InstanceEvent } from '../../domain/instance/events.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { given, T0 } from '../domain/given.ts';
import { golden } from '../golden/golden-events.ts';

const output = { paint: new Proxy({}, { get: () => (text: string) => text }), width: () => 300 };
const line = (...events: InstanceEvent[]) =>
  instanceTable(
    [InstanceSummary.parse(Instance.view(given(Instance, golden('InstanceRequested'), ...events), 'i'))],
    new Map(),
    output as never,
    T0,
  )[1];

const drain = (by: string, reason: string): InstanceEvent[] => [
  { type: 'IdleBehaviorSet', behavior: 'drain', reason, by },
  { type: 'InstanceTerminated', reason: 'ended_by_operator' },
];

test('what an operator ended is told with their word', () => {
  expect(line(...drain('user:ada', 'a new kernel'))).toMatch(/ ended by operator, by ada: a new kernel$/);
});

test('what Sortie drained, since it is ill, is told as no operator’s doing', () => {
  expect(line(...drain('sortie', 'its disk is full'))).toMatch(/ drained by sortie: its disk is full$/);
});
