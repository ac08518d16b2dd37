import { expect, test } from 'vitest';
import { isLackOfInstance } from '../../../infra/runner/supervisor/unstarted.ts';

test.each([
  ['ENOSPC', true],
  ['EROFS', true],
  ['EMFILE', true],
  ['ENOENT', false],
  ['EACCES', false],
])('%s is a lack of the instance: %s', (code, is) => {
  expect(isLackOfInstance(Object.assign(new Error('so it is'), { code }))).toBe(is);
});

test('an error that is none of the system’s is no lack of the instance', () => {
  expect(isLackOfInstance(new Error('no space left'))).toBe(false);
});
