import { describe, expect, test } from 'vitest';
import { formatProblems } from '../../infra/yaml/located-problem.ts';
import { readApplicable, readConfiguration } from '../../infra/yaml/read-configuration.ts';
import { corpusText } from './data.ts';

// From dstack's own docs and examples. `accepted` is what dstack's parser says of each.
const text = (file: string) => corpusText(`dstack-configs/${file}`);
const index: Record<string, { accepted: boolean }> = JSON.parse(text('index.json'));
const configurations = Object.entries(index).map(([file, { accepted }]) => ({
  file,
  accepted,
  read: readApplicable(text(file), file),
}));
const tasks = configurations.filter(({ file }) => file.endsWith('-task.yml'));
const fleets = configurations.filter(({ file }) => file.endsWith('-fleet.yml'));
const others = configurations.filter((one) => !tasks.includes(one) && !fleets.includes(one));

test('there are 97 of them, 37 of tasks and 14 of fleets', () => {
  expect([configurations.length, tasks.length, fleets.length]).toEqual([97, 37, 14]);
});

describe('a task or fleet that dstack takes is taken, or refused for what is not supported yet and nothing else', () => {
  test.each([...tasks, ...fleets].filter(({ accepted }) => accepted))('$file', ({ read }) => {
    const problems = read.ok ? [] : read.error;
    expect(problems.filter(({ message }) => !message.endsWith('not supported yet'))).toEqual([]);
  });
});

test('13 of the tasks are taken as they are', () => {
  expect(tasks.filter(({ read }) => read.ok)).toHaveLength(13);
});

describe('what dstack refuses is refused', () => {
  test.each(configurations.filter(({ accepted }) => !accepted))('$file', ({ read }) => {
    expect(read.ok).toBe(false);
  });
});

describe('another type is refused by its name', () => {
  test.each(others)('$file', ({ file, read }) => {
    const type = file.replace(/^\d+-|\.yml$/g, '');
    expect(read.ok ? [] : read.error.map(({ message }) => message)).toEqual([
      `\`${type}\` is not supported yet`,
    ]);
  });
});

test('fields of `resources` that lost their indentation are told so, each with its line', () => {
  const read = readConfiguration(text('276-task.yml'), '276-task.yml');
  expect(
    read.ok ? '' : formatProblems(read.error),
  ).toContain(`276-task.yml:29:1: \`gpu\` belongs under \`resources\`
   29 | gpu: A100:80GB:8
      | ^^^
  hint: indent it below \`resources:\``);
});
