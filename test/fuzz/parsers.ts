import * as fc from 'fast-check';
import { parseApplicable } from '../../domain/configuration/configuration.ts';
import { CONTAINER_FIELDS } from '../../domain/configuration/container.ts';
import { parseFleet } from '../../domain/configuration/fleet.ts';
import { name } from '../../domain/configuration/name.ts';
import { expandedBytes, withAddresses, withVariables } from '../../domain/configuration/references.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { FleetName, InstanceId, JobId, RunId, SubmissionId } from '../../domain/kernel/ids.ts';
import { readJson } from '../../functions/api/read-json.ts';
import { decodeCursor } from '../../infra/dynamodb/cursor.ts';
import { formatProblems } from '../../infra/yaml/located-problem.ts';
import { readApplicable, readConfiguration, readFleet } from '../../infra/yaml/read-configuration.ts';
import { readUtf8 } from '../../infra/yaml/utf8.ts';
import type { Fuzzing } from './fuzzing.ts';

// Not a test: it measures. CPU seconds of this process, the least of five tries, so that other work on the machine counts for
// little. Time that grows with the square of a text's length is 256 times as long for 16 times the length, and passes no bound.
const [SMALL, LARGE] = [16 * 1024, 256 * 1024];
const MOST_MS = 500;
/** Where growth is looked at: what is below is noise. */
const NOTICED_MS = 100;
const MOST_GROWTH = 4 * (LARGE / SMALL);
const SEED = 1;

type Parse = (text: string) => unknown;

const fieldsOf = (parse: (value: unknown) => { ok: boolean; value?: unknown }, least: object): string[] => {
  const read = parse(least);
  return Object.keys((read.value ?? {}) as object);
};
const TASK = { type: 'task', commands: ['true'] };
const FLEET = { type: 'fleet', name: 'small', nodes: 1 };

/** A text in each place of a configuration: as a field's value, an entry of its list, an entry and a name of its map. */
function inFields(): [string, number, Parse][] {
  const within = (place: string, parse: (value: unknown) => unknown, around: (field: unknown) => object) =>
    [
      [`${place}: TEXT`, (text: string) => parse(around(text))],
      [`${place}: [TEXT]`, (text: string) => parse(around([text]))],
      [`${place}: [TEXT by words]`, (text: string) => parse(around(text.split(/(?<=[\s,:])/)))],
      [`${place}: {a: TEXT}`, (text: string) => parse(around({ A: text }))],
      [`${place}: {TEXT: a}`, (text: string) => parse(around({ [text]: 'a' }))],
    ] as [string, Parse][];
  return [
    ...fieldsOf(parseConfiguration, TASK).flatMap((field) =>
      within(field, parseConfiguration, (value) => ({ ...TASK, [field]: value })),
    ),
    ...fieldsOf(parseFleet, FLEET).flatMap((field) =>
      within(`fleet's ${field}`, parseFleet, (value) => ({ ...FLEET, [field]: value })),
    ),
    ...['cpu', 'memory', 'gpu', 'disk', 'shm_size'].flatMap((field) =>
      within(`resources.${field}`, parseConfiguration, (value) => ({
        ...TASK,
        resources: { [field]: value },
      })),
    ),
    ...CONTAINER_FIELDS.flatMap((field) =>
      within(`container.${field}`, parseConfiguration, (value) => ({
        ...TASK,
        image: 'x',
        container: { [field]: value },
      })),
    ),
  ].map(([place, parse]) => [place, 12, parse]);
}

const shown = (read: ReturnType<typeof readConfiguration>) => read.ok || formatProblems(read.error);

/** How often each is tried, with a text of its own each time. */
const parsers: [string, number, Parse][] = [
  ['a run configuration', 150, (text) => shown(readConfiguration(text, 'run.yaml'))],
  ['commands of one', 60, (text) => readConfiguration(`type: task\ncommands:\n  - |\n    ${text}\n`)],
  ['a fleet', 60, (text) => readFleet(text)],
  ['what can be applied', 60, (text) => readApplicable(text) && parseApplicable(text)],
  ['JSON', 150, (text) => readJson(text)],
  ['a text of JSON', 60, (text) => readJson(JSON.stringify({ [text]: [text] }))],
  ['UTF-8', 60, (text) => readUtf8(Buffer.from(text, 'latin1'))],
  ['a cursor', 60, (text) => decodeCursor(text, 'list')],
  ['a cursor of JSON', 60, (text) => decodeCursor(Buffer.from(text).toString('base64url'), 'list')],
  [
    'ids',
    60,
    (text) => [RunId, JobId, SubmissionId, InstanceId, FleetName, name].map((id) => id.safeParse(text)),
  ],
  ['the size of references', 60, (text) => expandedBytes(text, { A: 'a' })],
  ['references to variables', 60, (text) => withVariables(text, { A: 'a' })],
  ['references to nodes', 60, (text) => withAddresses(text, [1, 2], String)],
  ...inFields(),
];

const word = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        '[',
        ']',
        '{',
        '}',
        '- ',
        '? ',
        ': ',
        ':',
        'a: ',
        'a: 1\n',
        '&a ',
        '*a ',
        '"',
        "'",
        '|\n',
        '>\n ',
        '\n',
        '\r',
      ],
      ...[
        '\t',
        ' ',
        '  ',
        '#',
        ' #',
        '${{',
        '}}',
        '${{ env.A }}',
        '$${{',
        '$',
        '..',
        ',',
        '=',
        '0',
        '9',
        'GB',
        '1',
        'a',
      ],
      ...[
        '\\',
        '\\"',
        '<<: ',
        '<<: *a\n',
        '\u00a0',
        '!',
        '!!',
        '%',
        '---\n',
        '...\n',
        '_',
        '-',
        '/',
        './',
        '../',
        '.',
      ],
      ...[
        '@',
        '~',
        '\u00e9',
        '1e',
        'h',
        '1h ',
        'd',
        '\0',
        '\ufffd',
        '\ufeff',
        'env:\n  A: ',
        'A=',
        'A=$A',
        'nvidia:',
        '1..',
      ],
      ...[
        '{{',
        ' }',
        'IP_ADDRESS',
        '${{ groups[0].nodes[0].IP_ADDRESS }}',
        'x'.repeat(100),
        'i-',
        '0x',
        '+',
        '*',
        '(',
        ')',
      ],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }) },
);
const words = (least: number, most: number) =>
  fc.array(word, { minLength: least, maxLength: most }).map((all) => all.join(''));

/** A beginning, what is repeated, and an end: what takes long has something that comes again and again. */
const texts = fc.record({ start: words(0, 3), again: words(1, 4), end: words(0, 2) });
type Text = typeof texts extends fc.Arbitrary<infer T> ? T : never;

const of = ({ start, again, end }: Text, size: number): string =>
  start + again.repeat(Math.max(1, Math.ceil((size - start.length - end.length) / again.length))) + end;

function milliseconds(parse: Parse, text: string): number {
  const before = process.cpuUsage();
  parse(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
const least = (parse: Parse, text: string): number =>
  Math.min(...[1, 2, 3, 4, 5].map(() => milliseconds(parse, text)));

/** Whoever reads 256 KB of anything takes less than half a second for it, and time in proportion to its length. */
export const timed: Fuzzing = {
  name: 'parsers',
  async run() {
    const findings: string[] = [];
    let [tried, longest] = [0, { ms: 0, place: '' }];
    for (const [n, [place, times, parse]] of parsers.entries())
      for (const text of fc.sample(texts, { numRuns: times, seed: SEED + n })) {
        tried += 1;
        const large = of(text, LARGE);
        if (milliseconds(parse, large) < NOTICED_MS) continue;
        const [took, small] = [least(parse, large), least(parse, of(text, SMALL))];
        if (took > longest.ms) longest = { ms: took, place };
        if (took > MOST_MS || (took > NOTICED_MS && took > MOST_GROWTH * Math.max(small, 1)))
          findings.push(
            `${place}: ${took.toFixed(0)} ms for 256 KB, ${small.toFixed(1)} ms for 16 KB, of ${JSON.stringify(text)}`,
          );
      }
    return {
      tried: `${parsers.length} places, ${tried} texts of 256 KB from seed ${SEED}, the longest ${longest.ms.toFixed(0)} ms (${longest.place})`,
      findings,
    };
  },
};
