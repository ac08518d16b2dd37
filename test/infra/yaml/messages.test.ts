import { expect, test } from 'vitest';
import { formatProblems } from '../../../infra/yaml/located-problem.ts';
import { readConfiguration } from '../../../infra/yaml/read-configuration.ts';

const task = (fields: string): string => `type: task\ncommands:\n  - echo hi\n${fields}\n`;

/** Slips that people make, each with the whole of what they are told: read the golden file as they would. */
const slips: Record<string, string> = {
  'an empty file': '# nothing yet\n',
  'a list': '- echo hi\n',
  'no type': 'commands:\n  - echo hi\n',
  'a type of dstack': 'type: service\nport: 8000\n',
  'a misspelt type': 'type: tasks\ncommands: [a]\n',
  'a misspelt field': 'type: task\ncomands:\n  - echo hi\n',
  'a field in camel case': task('maxPrice: 2'),
  'a field that nothing resembles': task('wibble: 2'),
  'fields of dstack that are not supported': task('image: ubuntu\npython: 3.12\nports: [8000]'),
  'a field of a service': task('replicas: 2'),
  'a field that belongs under resources': task('resources:\ngpu: A100'),
  'a field that is indented too far': task('resources:\n  gpu: A100\n  spot_policy: auto'),
  'a second document': `${task('')}---\n${task('')}`,
  'a field given twice': task('name: ab\nname: cd'),
  'a tab': 'type: task\ncommands:\n\t- echo hi\n',
  'a command with a colon': 'type: task\ncommands:\n  - echo: hi\n',
  'two colons in a line': 'type: task\ncommands: [a]\nname: a: b\n',
  'an unclosed bracket': 'type: task\ncommands: [a\nname: ab\n',
  'an unclosed quote': 'type: task\ncommands: ["a]\n',
  'uneven indentation': 'type: task\ncommands:\n  - a\n b: c\n',
  'an unquoted at sign': 'type: task\ncommands:\n  - @reboot\n',
  'an alias to nothing': 'type: task\ncommands:\n  - *.py\n',
  'a merge of nothing': task('<<: 3'),
  'a tag': task('name: !ref name'),
  'a number that is octal to some': task('nodes: 01'),
  'commands that are text': 'type: task\ncommands: echo hi\n',
  'commands that are numbers and nothing': 'type: task\ncommands:\n  - 42\n  -\n  - true\n  - ""\n',
  'no command': 'type: task\ncommands: []\n',
  'several nodes': task('nodes: 4'),
  names: task('name: ../My Job'),
  sizes: task('resources:\n  memory: 16GiB\n  disk: {sise: 100GB}\n  shm_size: -1'),
  ranges: task('resources:\n  memory: 64GB..16GB\n  cpu: ..\n  disk: 1..2..3'),
  cpus: task('resources:\n  cpu: amd64:4'),
  gpus: task('resources:\n  gpu: nvidia:amd'),
  'gpu names': task('resources:\n  gpu: A100:H100'),
  'gpu fields': task('resources:\n  gpu:\n    vendor: nvdia\n    count: two\n    compute_capability: high'),
  durations: task('max_duration: 1h30m\nstop_duration: -5m\nidle_duration: forever'),
  'a run of no duration': task('max_duration: 0'),
  retries: task('retry:\n  on_events: [spot, errors]\n  duration: 0\n  limit: 3'),
  'a retry after nothing': task('retry:\n  on_events: []'),
  'a retry in a word': task('retry: on'),
  choices: task('spot_policy: ondemand\ncreation_policy: new'),
  prices: task('max_price: $2'),
  priorities: task('priority: high'),
  places: task('regions: us-east-1\navailability_zones: [us-east-1]\ninstance_types: []'),
  'where and how to run': task('working_dir: ../code\nshell: zsh\nuser: root:wheel'),
  'variables as a list': task('env:\n  - A B=1\n  - C: 1\n  - D=1\n  - D=2\n  - SORTIE_RUN_NAME=x'),
  'variables as a map': task('env:\n  A: 3.10\n  B:\n  C D: x'),
  tags: task('tags:\n  aws:team: a\n  cost: 3\n  sortie:x: y'),
  references: task('env:\n  - TOKEN=${{ secrets.token }}').replace('echo hi', 'run ${{ run.args }}'),
  'a long line': `type: task\ncommands: [${'"a", '.repeat(60)}3, ${'"b", '.repeat(60)}"c"]\n`,
  'characters that act on a terminal': task('name: "\\e[31mred"\n"\\e]0;x": 1'),
};

test('what people are told', async () => {
  const told = Object.entries(slips).map(([slip, text]) => {
    const result = readConfiguration(text, 'run.yaml');
    return `## ${slip}\n${result.ok ? 'accepted' : formatProblems(result.error)}\n`;
  });
  await expect(told.join('\n')).toMatchFileSnapshot('../../golden/configuration-messages.txt');
});

test('without a file, the place is told in words', () => {
  const result = readConfiguration(task('nodes: 2'));
  expect(result.ok ? '' : formatProblems(result.error)).toBe(
    [
      'line 4, column 8: nodes: 2 nodes are not supported yet',
      '    4 | nodes: 2',
      '      |        ^',
      '  hint: a task has one node for now',
    ].join('\n'),
  );
});
