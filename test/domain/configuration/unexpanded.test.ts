import { expect, test } from 'vitest';
import { unexpandedEnv } from '../../../domain/configuration/unexpanded.ts';

test.each([
  ['PATH', '/opt/conda/bin:$PATH', 'PATH'],
  ['PATH', '/opt/conda/bin:${PATH}', 'PATH'],
  ['CACHE', '$HOME/.cache', 'HOME'],
  ['PYTHONPATH', 'src:$PYTHONPATH', 'PYTHONPATH'],
])('%s=%s names a variable that nobody expands', (name, value, meant) => {
  expect(unexpandedEnv({ env: { [name]: value } })).toEqual([
    `env: $${meant} in ${name} is not expanded; to have it expanded, make \`export ${name}=…\` the first command`,
  ]);
});

test.each(['pa$$word', 'a$b', '$', '${{ PATH }}', 'cost: $5', '/usr/bin'])(
  '%s may be meant as written',
  (value) => {
    expect(unexpandedEnv({ env: { VALUE: value } })).toEqual([]);
  },
);

test('a variable from the submitter has been expanded there', () => {
  expect(unexpandedEnv({ env: { PATH: { key: 'PATH' } } })).toEqual([]);
});
