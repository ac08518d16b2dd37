import { expect, it } from 'vitest';
import { inWords } from '../../../domain/why/words.ts';
import { goldenNames, goldenText } from '../../golden/golden-events.ts';

const current = goldenNames().filter((name) => !name.includes('.'));

it.each(current)('%s is told in words', (name) => {
  const words = inWords(JSON.parse(goldenText(name)));
  expect(words.length).toBeGreaterThan(3);
  expect(words).not.toMatch(/undefined|\[object|NaN/);
});

it('an event that has no words yet is told by its name', () => {
  expect(inWords({ type: 'JobTakenAway' })).toBe('job taken away');
});
