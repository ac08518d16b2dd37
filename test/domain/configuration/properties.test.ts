import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { duration, formatDuration } from '../../../domain/configuration/duration.ts';
import { formatMemory, memory } from '../../../domain/configuration/memory.ts';
import { countRange, formatRange, memoryRange } from '../../../domain/configuration/range.ts';
import { parseConfiguration } from '../../../domain/configuration/task.ts';

const FIELDS = Object.keys(
  (() => {
    const read = parseConfiguration({ type: 'task', commands: ['true'] });
    return read.ok ? read.value : {};
  })(),
);

const rangeOf = (end: fc.Arbitrary<number>) =>
  fc
    .tuple(fc.option(end), fc.option(end))
    .filter(([a, b]) => a !== null || b !== null)
    .map(([a, b]) => (a !== null && b !== null && a > b ? { min: b, max: a } : { min: a, max: b }));

test('any JSON value is accepted or refused with reasons: never an exception', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const result = parseConfiguration(value);
      if (!result.ok) expect(result.error.length).toBeGreaterThan(0);
    }),
  );
});

test('any JSON value in any field is accepted or refused with reasons of one line', () => {
  const scalar = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.constantFrom('', '..', ':', '-', '1..'),
  );
  const anyTask = fc.dictionary(fc.constantFrom(...FIELDS, 'image', '__proto__', 'constructor'), scalar);
  fc.assert(
    fc.property(anyTask, (fields) => {
      const result = parseConfiguration({ commands: ['true'], ...fields, type: 'task' });
      if (result.ok) return;
      expect(result.error.length).toBeGreaterThan(0);
      for (const { message, hint = '' } of result.error) {
        expect(message).not.toBe('');
        // The messages of zod itself: every one of them should have been replaced.
        expect(message).not.toMatch(/^(Invalid|Too|Unrecognized|Expected)/);
        expect(message + hint).not.toMatch(/\p{Cc}/u);
      }
    }),
    { numRuns: 2000 },
  );
});

test('any text as resources is accepted or refused', () => {
  const token = fc.oneof(
    fc.constantFrom('A100', '24GB', '2', '..', ':', ',', 'nvidia', ' ', 'x86', '1..4', '-'),
    fc.string(),
  );
  const spec = fc.array(token, { maxLength: 5 }).map((tokens) => tokens.join(''));
  fc.assert(
    fc.property(
      fc.record({ cpu: spec, memory: spec, gpu: spec, disk: spec, shm_size: spec }),
      (resources) => {
        const result = parseConfiguration({ type: 'task', commands: ['true'], resources });
        if (result.ok) return;
        for (const { path } of result.error) expect(path).toHaveLength(2);
      },
    ),
  );
});

test('a range of counts reads back as it was written', () => {
  fc.assert(
    fc.property(rangeOf(fc.nat()), (range) => {
      expect(countRange.parse(formatRange(range))).toEqual(range);
    }),
  );
});

test('a range of sizes reads back as it was written', () => {
  const gigabytes = fc.oneof(
    fc.nat({ max: 100_000 }),
    fc.nat({ max: 1023 }).map((megabytes) => megabytes / 1024),
  );
  fc.assert(
    fc.property(rangeOf(gigabytes), (range) => {
      expect(memoryRange.parse(formatRange(range, formatMemory))).toEqual(range);
    }),
  );
});

test('sizes and durations read back as they were written', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat(), (size, seconds) => {
      expect(memory.parse(formatMemory(size))).toBeCloseTo(size);
      expect(duration.parse(formatDuration(seconds % 300_000_000))).toBe(seconds % 300_000_000);
    }),
  );
});
