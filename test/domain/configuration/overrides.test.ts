import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withOverrides } from '../../../domain/configuration/overrides.ts';
import { parseConfiguration } from '../../../domain/configuration/task.ts';

const none = { defaults: [], overrides: [], variables: [], args: [] };

test('a variable takes the place of its own, in a list and in a map; others keep theirs', () => {
  const variables = [
    { name: 'B', value: '2=2' },
    { name: 'D', value: '4' },
  ];
  const merged = (env: unknown) => withOverrides({ env }, { ...none, variables }).written['env'];
  expect(merged(['A=1', 'B', 'C=3'])).toEqual(['A=1', 'B=2=2', 'C=3', 'D=4']);
  expect(merged({ A: '1', B: '1' })).toEqual({ A: '1', B: '2=2', D: '4' });
  expect(merged(null)).toEqual(['B=2=2', 'D=4']);
  expect(merged('A=1')).toBe('A=1');
});

test('arguments come in the commands of all groups, each as one word', () => {
  const groups = [{ commands: ['a ${{ run.args }}', 'b'] }, { commands: ['${{run.args}} $${{ run.args }}'] }];
  const { written, takesArguments } = withOverrides({ groups }, { ...none, args: ['-x', "it's", ''] });
  expect(written['groups']).toEqual([
    { commands: ["a -x 'it'\\''s' ''", 'b'] },
    { commands: ["-x 'it'\\''s' '' $${{ run.args }}"] },
  ]);
  expect(takesArguments).toBe(true);
});

test('whatever the file has, merging throws nothing, and sets no prototype', () => {
  const overrides = [{ by: '--gpu', path: ['resources', 'gpu'], value: '1' }];
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('env', 'resources', 'commands', 'groups', '__proto__'), fc.jsonValue()),
      (file) => {
        const variables = [{ name: '__proto__', value: 'x' }];
        const { written } = withOverrides(file, { ...none, overrides, variables, args: ['y'] });
        expect(Object.getPrototypeOf(written['env'] ?? {})).not.toBe('x');
        parseConfiguration(written);
      },
    ),
  );
});
