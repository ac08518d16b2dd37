import { expect, test } from 'vitest';
import type { Requirements } from '../../../domain/planning/requirements.ts';
import { onceForAlike } from '../../../domain/scheduling/alike.ts';
import { requirements } from '../given.ts';

const asks = (more: Partial<Requirements> = {}) => ({
  requirements: { ...requirements(), ...more },
  terms: null,
});

test('the same request in other objects is worked out once, whoever asked in between', () => {
  const seen: unknown[] = [];
  const answer = onceForAlike((asked) => seen.push(asked));
  expect([asks(), asks({ max_price: 1 }), asks()].map(answer)).toEqual([1, 2, 1]);
});

test.each<Partial<Requirements>>([
  { max_price: 1 },
  { instance_types: ['m5.xlarge'] },
  { instance_types: [] },
  { resources: { ...requirements().resources, disk: { size: { min: 101, max: null } } } },
])('a request that differs in %o only is another one', (more) => {
  const answer = onceForAlike((asked) => asked);
  const plain = asks();
  answer(plain);
  const other = asks(more);
  expect(answer(other)).toBe(other);
  const terms = { ...plain.requirements, blocks: 1, cluster: null, spot_price: 'may rise' as const };
  expect(answer({ ...plain, terms })).not.toBe(plain);
});
