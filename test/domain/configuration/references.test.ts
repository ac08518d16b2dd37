import { describe, expect, it } from 'vitest';
import {
  escaped,
  expandedBytes,
  withVariables,
  wrongInCommand,
  wrongVariable,
} from '../../../domain/configuration/references.ts';
import { parseConfiguration } from '../../../domain/configuration/task.ts';

const MEGABYTE = 1024 * 1024;

describe('references', () => {
  // A search of quadratic time would need hours for a megabyte of any of these.
  it.each([
    ['openings without an end', '${{'],
    ['openings that are escaped', '$${{'],
    ['openings with a name and no end', '${{ env.A '],
    ['openings with half an end', '${{ a }'],
    ['ends without an opening', '}} '],
  ])('a megabyte of %s is read in one pass', (_, piece) => {
    const text = piece.repeat(MEGABYTE / piece.length);
    expect(wrongInCommand(text, [1])).toBeNull();
    expect(withVariables(text, {})).toHaveLength(text.replaceAll('$${{', '${{').length);
  });

  it.each([
    ['${{ env.A }}', 'x'],
    ['a ${{env.A}} b ${{ env.A }}', 'a x b x'],
    ['$${{ env.A }}', '${{ env.A }}'],
    ['${{ open ${{ env.A }}', '${{ open x'],
  ])('%s reads %s', (text, expanded) => {
    expect(withVariables(text, { A: 'x' })).toBe(expanded);
    expect(expandedBytes(text, { A: 'x' })).toBe(text.startsWith('$$') ? text.length : expanded.length);
  });

  it.each([
    ['${{ secrets.A }}', [{ secret: 'A' }]],
    ['a ${{secrets.A}}${{ secrets.B_1 }} b', ['a ', { secret: 'A' }, { secret: 'B_1' }, ' b']],
    ['${{ env.T }}, ${{ env.X }}', ['Bearer ', { secret: 'T' }, ', x']],
    ['$${{ secrets.A }} ${{ secrets.A }}', ['${{ secrets.A }} ', { secret: 'A' }]],
    ['$${{ secrets.A }}', '${{ secrets.A }}'],
    // Parts that only look like a reference once they are beside each other are none.
    ['${{ env.DOLLAR }}{{ secrets.A }}', '${{ secrets.A }}'],
  ])('%s keeps the names of its secrets', (text, parts) => {
    expect(withVariables(text, { T: ['Bearer ', { secret: 'T' }], X: 'x', DOLLAR: '$' })).toEqual(parts);
  });

  it('a text from outside, escaped, is as it was', () => {
    for (const text of ['${{ secrets.A }}', '$${{ env.A }}', '$$${{ a', 'plain $', '${{'])
      expect(withVariables(escaped(text), { A: 'x' })).toBe(text);
  });

  it('a secret counts with the most bytes that it may have', () => {
    expect(expandedBytes('a${{ secrets.A }}', {})).toBe(4_097);
    expect(expandedBytes('${{ env.A }}!', { A: '${{ secrets.A }}' })).toBe(4_097);
  });

  it('a name that is not closed before the next opening is no reference, and the next one is', () => {
    expect(wrongVariable('${{ a ${{ env.B }}', ['A'])).toContain('env.B');
  });
});

describe('values that refer to others', () => {
  const configuration = (fields: Record<string, unknown>) =>
    parseConfiguration({ type: 'task', image: 'ubuntu', commands: ['true'], ...fields });
  const message = (fields: Record<string, unknown>) => {
    const read = configuration(fields);
    return read.ok ? null : read.error.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };

  it('are refused when they come to more than Linux takes, before they are expanded', () => {
    const fields = {
      env: { A: 'x'.repeat(100_000) },
      container: { env: { B: '${{ env.A }}'.repeat(4_000) } },
    };
    expect(message(fields)).toEqual([
      'container.env.B: is 400000000 bytes with the values it refers to; at most 131071 are taken',
    ]);
  });

  it('are refused when they come to too much together', () => {
    const env = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`B${n}`, '${{ env.A }}']));
    expect(message({ env: { A: 'x'.repeat(100_000) }, container: { env } })).toEqual([
      'container.env: is 3000000 bytes in all with the values it refers to; Linux takes at most 2097152',
    ]);
  });

  it('are taken up to that', () => {
    expect(
      configuration({ env: { A: 'x'.repeat(1_000) }, container: { env: { B: '${{ env.A }}' } } }).ok,
    ).toBe(true);
  });
});
