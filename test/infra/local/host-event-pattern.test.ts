import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../../infra/local/host/event-pattern.ts';

const matches = (pattern: object, event: unknown) => compilePattern(pattern, 'eventbridge', 'pattern')(event);

describe('a pattern', () => {
  test.each<[string, object, object, boolean]>([
    ['a value', { a: ['x'] }, { a: 'x' }, true],
    ['one of several values', { a: ['x', 'y'] }, { a: 'y' }, true],
    ['another value', { a: ['x'] }, { a: 'X' }, false],
    ['all of its fields', { a: ['x'], b: [1] }, { a: 'x', b: 2 }, false],
    ['a nested field', { detail: { state: ['on'] } }, { detail: { state: 'on', more: 1 } }, true],
    ['a nested field that is missing', { detail: { state: ['on'] } }, {}, false],
    ['a member of a list', { a: ['x'] }, { a: ['w', 'x'] }, true],
    ['a field of one in a list of objects', { a: { b: [2] } }, { a: [{ b: 1 }, { b: 2 }] }, true],
    ['null', { a: [null] }, { a: null }, true],
    ['the empty text', { a: [''] }, { a: '' }, true],
    ['a number by its value', { a: [300] }, { a: 3e2 }, true],
    ['no number in a text', { a: [300] }, { a: '300' }, false],
    ['a prefix', { a: [{ prefix: 'ec' }] }, { a: 'ec2' }, true],
    ['a prefix of another case', { a: [{ prefix: { 'equals-ignore-case': 'EC' } }] }, { a: 'ec2' }, true],
    ['a suffix', { a: [{ suffix: '.png' }] }, { a: 'x.jpg' }, false],
    ['any case', { a: [{ 'equals-ignore-case': 'Alice' }] }, { a: 'aLICE' }, true],
    ['anything but a value', { a: [{ 'anything-but': 'x' }] }, { a: 'x' }, false],
    ['anything but a list', { a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'z' }, true],
    ['anything but a number', { a: [{ 'anything-but': 7 }] }, { a: 8 }, true],
    ['anything but a prefix', { a: [{ 'anything-but': { prefix: ['x', 'y'] } }] }, { a: 'yes' }, false],
    [
      'anything but a wildcard',
      { a: [{ 'anything-but': { wildcard: '*/lib/*' } }] },
      { a: 'a/lib/b' },
      false,
    ],
    ['anything but, which wants the field', { a: [{ 'anything-but': 'x' }] }, {}, false],
    ['a number in a range', { a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 5 }, true],
    ['a number out of a range', { a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 0 }, false],
    ['an equal number', { a: [{ numeric: ['=', 1.5] }] }, { a: 1.5 }, true],
    ['a wildcard', { a: [{ wildcard: 'i-*-(x)*' }] }, { a: 'i-1-(x)2' }, true],
    ['a wildcard with a real star', { a: [{ wildcard: 'a\\*b' }] }, { a: 'a-b' }, false],
    ['a field that exists', { a: [{ exists: true }] }, { a: null }, true],
    ['a field that must not exist', { a: [{ exists: false }] }, { b: 1 }, true],
    ['a field that must not exist, deeper', { a: { b: [{ exists: false }] } }, {}, true],
    ['an object where a leaf is asked for', { a: [{ exists: true }] }, { a: { b: 1 } }, false],
    ['a value or no value', { a: ['x', { exists: false }] }, {}, true],
    ['either of two fields', { $or: [{ a: [1] }, { b: [2] }] }, { a: 0, b: 2 }, true],
    ['neither of two fields', { $or: [{ a: [1] }, { b: [2] }], c: [3] }, { a: 0, b: 0, c: 3 }, false],
    ['either, deeper', { detail: { $or: [{ a: [1] }, { b: [2] }] } }, { detail: { a: 1 } }, true],
  ])('asks for %s', (_, pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });
});

describe('a pattern that the host cannot read', () => {
  test.each<[object, RegExp]>([
    [{}, /at least one field/],
    [{ a: 'x' }, /at pattern\.a: a field takes a list/],
    [{ a: [] }, /at pattern\.a: an empty list/],
    [{ a: [['x']] }, /at pattern\.a\[0\]: lists do not nest/],
    [{ a: [{ cidr: '10.0.0.0/8' }] }, /at pattern\.a\[0\]\.cidr: cidr is not an operator/],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, /one operator/],
    [{ a: { b: [{ numeric: ['>', 'x'] }] } }, /at pattern\.a\.b\[0\]\.numeric/],
    [{ $or: [{ a: [1] }] }, /two patterns or more/],
  ])('%j is refused with its path', (pattern, message) => {
    expect(() => compilePattern(pattern, 'eventbridge', 'pattern')).toThrow(message);
  });

  test('for Lambda is one with a wildcard', () => {
    expect(() => compilePattern({ a: [{ wildcard: 'x*' }] }, 'lambda-filter', 'filterPatterns[0]')).toThrow(
      /wildcard is not an operator of lambda-filter/,
    );
  });
});
