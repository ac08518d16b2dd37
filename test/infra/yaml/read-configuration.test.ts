import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblems } from '../../../infra/yaml/located-problem.ts';
import { readConfiguration } from '../../../infra/yaml/read-configuration.ts';

const read = (text: string) => readConfiguration(text, 'run.yaml');

function positions(text: string): string[] {
  const result = read(text);
  return result.ok ? [] : result.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('a configuration is read', () => {
  test.each([
    ['from YAML', 'type: task\ncommands:\n  - echo hi\n'],
    ['from JSON', '{"type": "task", "commands": ["echo hi"]}'],
    ['with Windows line ends', 'type: task\r\ncommands:\r\n  - echo hi\r\n'],
    ['with a byte order mark', '\ufefftype: task\ncommands: [echo hi]'],
    ['after a document start, and with comments', '---\n# one\ntype: task # two\ncommands: [echo hi]\n...\n'],
    [
      'with an alias and a merge key',
      'type: &t task\ncommands: &c [echo hi]\n<<: {type: *t, commands: *c}\n',
    ],
  ])('%s', (_, text) => {
    expect(read(text)).toMatchObject({ ok: true, value: { type: 'task', commands: ['echo hi'] } });
  });

  test('with `off` as the word it is in YAML 1.2, and as the boolean of YAML 1.1', () => {
    const task = (off: string) =>
      read(`type: task\ncommands: [a]\nmax_duration: ${off}\nidle_duration: ${off}\n`);
    for (const off of ['off', '"off"', 'false']) {
      expect(task(off)).toMatchObject({ ok: true, value: { max_duration: null, idle_duration: null } });
    }
  });

  test('with a block of lines as one command', () => {
    expect(read('type: task\ncommands:\n  - |\n    a\n    b\n')).toMatchObject({
      value: { commands: ['a\nb\n'] },
    });
  });
});

describe('a problem says where', () => {
  test('in characters, counting from 1, whatever is before it', () => {
    expect(positions('type: task\ncommands: ["😀é", 3]\n')).toEqual(['2:18 must be text, not 3']);
  });

  test('at the name of a field that is wrong, and at the value of one that is right', () => {
    expect(positions('type: task\ncommands: [a]\n  \nprioritty: 1\npriority: 101\n')).toEqual([
      '4:1 unknown field `prioritty`, did you mean `priority`?',
      '5:11 must be at most 100',
    ]);
  });

  test('through an alias and a merge key, where it is written', () => {
    expect(positions('type: task\ncommands: [a]\nregions: &r [b c]\navailability_zones: *r\n')).toEqual([
      '3:14 "b c" is not the name of a region such as us-east-1',
      '3:14 "b c" is not the name of an availability zone such as us-east-1a',
    ]);
    expect(positions('type: task\ncommands: [a]\n<<:\n  name: A\n')[0]).toMatch(/^4:9 "A" is not a name/);
  });

  test('at the start when something is missing', () => {
    expect(positions('# a comment\nname: ab\n')).toEqual([
      '2:1 is missing',
      '2:1 is missing: a task has a list of commands',
    ]);
  });

  test('from top to bottom, with the count of those not told last', () => {
    const text = `type: task\ncommands: [a]\n${Array.from({ length: 60 }, (_, i) => `zz${i}: 1\n`).join('')}`;
    const told = positions(text);
    expect(told[0]).toBe('3:1 unknown field `zz0`');
    expect(told.at(-1)).toBe('3:1 and 10 more problems'.replace('3:1', '1:1'));
  });
});

describe('bad input costs little', () => {
  test.each([
    ['a file of 300 KB', 'x'.repeat(300_000), '1:1 the file is 293.0 KB; at most 256 KB is read'],
    ['deep brackets', '['.repeat(200_000), '1:33 lists or maps are nested more than 32 deep'],
    ['deep braces', '{a: '.repeat(60_000), '1:129 lists or maps are nested more than 32 deep'],
    ['deep dashes', '- '.repeat(100_000), '1:65 lists or maps are nested more than 32 deep'],
    ['brackets that close nothing', ']'.repeat(200_000), '1:1 a `]` without the bracket that it closes'],
    [
      'braces that close nothing',
      `a: {}\n${'}'.repeat(200_000)}`,
      '2:1 a `}` without the bracket that it closes',
    ],
    ['many ends of documents', 'a: 1\n...\n...\n'.repeat(10_000), '3:1 the document has ended before'],
    [
      'more words than any configuration has',
      'a: b\n'.repeat(50_000),
      '14286:4 the file has more than 100000 words, marks and ends of lines',
    ],
    [
      'deep indentation',
      `type: task\ncommands: [a]\nresources:\n${Array.from({ length: 600 }, (_, i) => `${' '.repeat(i + 1)}a:\n`).join('')}`,
      '19:17 is nested too deeply',
    ],
    [
      'aliases that multiply',
      'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]',
      '1:1 its aliases (`*name`) multiply into more than a configuration can be',
    ],
  ])('%s', (_, text, problem) => {
    expect(positions(text)).toEqual([problem]);
  });

  test('1,000 commands and 1,000 variables, or a text of 30,000 lines, are no more than a configuration has', () => {
    const variables = Array.from({ length: 1_000 }, (_, n) => `  A${n}: "x"\n`).join('');
    expect(positions(`type: task\nenv:\n${variables}commands:\n${'- "true"\n'.repeat(1_000)}`)).toEqual([]);
    expect(positions(`type: task\ncommands:\n- |\n${'  true\n'.repeat(30_000)}`)).toEqual([]);
  });

  test('more aliases than anyone writes', () => {
    expect(positions(`type: &t task\ncommands:\n${'- *t\n'.repeat(101)}`)).toEqual([
      '1:1 the file has 101 aliases (`*name`); at most 100 are read',
    ]);
  });

  test('a list that holds itself', () => {
    expect(positions('type: task\ncommands: &a [*a]\n')).toEqual(['2:15 must be text, not a list']);
  });

  test('any text is read or refused', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'type: task\n',
        'commands:\n',
        '  - a\n',
        'env: ',
        '[',
        ']',
        '{',
        '}',
        ': ',
        '- ',
        '&a ',
        '*a',
        '<<: ',
        '|\n',
      ),
      fc.constantFrom(
        '\t',
        '\r\n',
        '"',
        "'",
        '#',
        '!x ',
        '---\n',
        '? ',
        '%',
        '@',
        '\0',
        '\ufeff',
        '😀',
        '01',
        '__proto__',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const result = read(text);
        if (result.ok) return;
        for (const { line, column } of result.error) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
          expect(column).toBeGreaterThanOrEqual(1);
        }
        // Nothing in it acts on a terminal.
        expect(formatProblems(result.error).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 2000 },
    );
  });
});

test('a message shows no variable, nor the line of one', () => {
  for (const text of [
    'type: task\ncommands: [a]\nenv:\n  - s3cret-token\n  - "B=s3cret\\0"\n',
    'type: task\ncommands: [a]\nenv: {A: 5353}\ntags: 3\n',
    '{"type": "task", "commands": [], "env": {"A": "s3cret"}}',
    'type: task\ncommands: [a]\nenv: &e {A: [s3cret]}\ntags: *e\n',
    'type: task\ncommands: [a]\nenv: {PIN: 05353}\n',
    'type: task\nenv:\n  A: s3cret: x\n',
    'type: task\nenv:\n- A: @s3cret\n- *s3cret\n',
    'type: task\nenv:\n- A: *s3cret\n',
    'type: task\nenv:\n  A: "s3cret" s3cret\n',
    '{"type": "task", "env": {"A": "s3cret" "B"}}',
  ]) {
    const result = read(text);
    expect(result.ok).toBe(false);
    expect(result.ok ? '' : formatProblems(result.error)).not.toMatch(/s3cret|5353/);
  }
});
