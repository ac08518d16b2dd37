import { describe, expect, test } from 'vitest';
import { withOverrides } from '../../domain/configuration/overrides.ts';
import { formatPath } from '../../domain/configuration/problem.ts';
import { formatProblems } from '../../infra/yaml/located-problem.ts';
import { readApplicable, readConfiguration } from '../../infra/yaml/read-configuration.ts';
import { corpusText } from './data.ts';

// From dstack's own docs and examples. `accepted` is what dstack's parser says of each.
const text = (file: string) => corpusText(`dstack-configs/${file}`);
const index: Record<string, { accepted: boolean }> = JSON.parse(text('index.json'));
/** `sortie apply` without options or arguments. */
const asSubmitted = (plain: unknown) =>
  withOverrides(plain as Record<string, unknown>, { defaults: [], overrides: [], variables: [], args: [] })
    .written;
const configurations = Object.entries(index).map(([file, { accepted }]) => ({
  file,
  accepted,
  read: readApplicable(text(file), file, asSubmitted),
}));
const tasks = configurations.filter(({ file }) => file.endsWith('-task.yml'));
const fleets = configurations.filter(({ file }) => file.endsWith('-fleet.yml'));

test('there are 97 of them, 37 of tasks and 14 of fleets', () => {
  expect([configurations.length, tasks.length, fleets.length]).toEqual([97, 37, 14]);
});

test('the verdict on each, with the reason where it is refused, is the one in the table', async () => {
  const rows = configurations.map(({ file, accepted, read }) => {
    const reasons = read.ok
      ? ['accepted']
      : read.error.map(({ path, message }) => `${formatPath(path)}: ${message}`);
    return `${file.padEnd(24)}${accepted ? '' : '(refused by dstack too) '}${reasons.join('; ')}`;
  });
  const taken = (all: typeof configurations) => {
    const valid = all.filter(({ accepted }) => accepted);
    return `${valid.filter(({ read }) => read.ok).length} of ${valid.length}`;
  };
  const head = `Accepted of those that dstack accepts: ${taken(tasks)} tasks, ${taken(fleets)} fleets.`;
  await expect(`${head}\n\n${rows.join('\n')}\n`).toMatchFileSnapshot('../golden/dstack-configurations.txt');
});

describe('a task or fleet that dstack takes is taken, or refused for what is not supported yet and nothing else', () => {
  // `volumes` need an image here; dstack has one of its own.
  const known = /not supported( yet|: every run goes to EC2)$|^are for a container, and there is none$/;
  test.each([...tasks, ...fleets].filter(({ accepted }) => accepted))('$file', ({ read }) => {
    const problems = read.ok ? [] : read.error;
    expect(problems.filter(({ message }) => !known.test(message))).toEqual([]);
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
