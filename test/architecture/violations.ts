type Planted = { what: string; file: string; code: string };

const layers = 'house(layers)';
const globals = 'eslint(no-restricted-globals)';
const properties = 'eslint(no-restricted-properties)';

/** One file for each rule of the house, which breaks it. */
export const violations: (Planted & { rule: string })[] = [
  planted('a Node module in domain/', 'domain/files.ts', layers, "export { readFileSync } from 'node:fs';"),
  planted(
    'AWS in domain/',
    'domain/aws.ts',
    layers,
    "import { EC2Client } from '@aws-sdk/client-ec2';\nexport const ec2 = new EC2Client({});",
  ),
  planted('another package in domain/', 'domain/yaml.ts', layers, "export { parse } from 'yaml';"),
  planted('infra/ in domain/', 'domain/run/store.ts', layers, "export * from '../../infra/store.ts';"),
  planted('functions/ in domain/', 'domain/up.ts', layers, "export * from '../functions/react/handler.ts';"),
  planted('the clock in domain/', 'domain/now.ts', properties, 'export const now = () => Date.now();'),
  planted(
    'a new Date of now in domain/',
    'domain/date.ts',
    'house(no-clock)',
    'export const now = () => new Date();',
  ),
  planted('chance in domain/', 'domain/chance.ts', properties, 'export const chance = () => Math.random();'),
  planted('process in domain/', 'domain/process.ts', globals, 'export const here = () => process.cwd();'),
  planted('crypto in domain/', 'domain/id.ts', globals, 'export const id = () => crypto.randomUUID();'),
  planted(
    'a timer in domain/',
    'domain/timer.ts',
    globals,
    'export const later = (f: () => void) => setTimeout(f, 1);',
  ),
  planted(
    'the network in domain/',
    'domain/net.ts',
    globals,
    "export const get = () => fetch('http://127.0.0.1');",
  ),
  planted('functions/ in infra/', 'infra/up.ts', layers, "export * from '../functions/react/handler.ts';"),
  planted('the CLI in functions/', 'functions/api/cli.ts', layers, "export * from '../../cli/main.ts';"),
  planted(
    'infra/local in functions/',
    'functions/api/local.ts',
    layers,
    "export * from '../../infra/local/a.ts';",
  ),
  planted('functions/ in cli/', 'cli/up.ts', layers, "export * from '../functions/react/handler.ts';"),
  planted('infra/ in cli/', 'cli/store.ts', layers, "export * from '../infra/store.ts';"),
  planted('AWS in cli/', 'cli/aws.ts', layers, "export { EC2Client } from '@aws-sdk/client-ec2';"),
  planted('the event store in cli/', 'cli/events.ts', layers, "export * from '../infra/dynamodb/store.ts';"),
  planted(
    'the embedded AWS at the start of cli/',
    'cli/host.ts',
    layers,
    "export * from '../infra/local/a.ts';",
  ),
  planted(
    'another part of infra/ in cli/, later',
    'cli/later.ts',
    layers,
    "export const store = () => import('../infra/store.ts');",
  ),
  planted(
    'process.env beyond the handler',
    'functions/api/stage.ts',
    'node(no-process-env)',
    "export const stage = process.env['SORTIE_STAGE'];",
  ),
  planted(
    'a cycle',
    'domain/hen.ts',
    'import(no-cycle)',
    "import { egg } from './egg.ts';\nexport const hen = () => egg;",
  ),
  planted(
    'a cycle, from its other side',
    'domain/egg.ts',
    'import(no-cycle)',
    "import { hen } from './hen.ts';\nexport const egg = () => hen;",
  ),
  planted(
    'a promise left alone',
    'infra/float.ts',
    'typescript(no-floating-promises)',
    'const ring = async () => 1;\nexport function go() {\n  ring();\n}',
  ),
  planted(
    'a switch that forgets a case',
    'domain/switch.ts',
    'typescript(switch-exhaustiveness-check)',
    "export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n}",
  ),
  planted('any', 'domain/any.ts', 'typescript(no-explicit-any)', 'export const f = (x: any) => String(x);'),
  planted(
    '@ts-ignore',
    'domain/hush.ts',
    'typescript(ban-ts-comment)',
    '// @ts-ignore\nexport const x: number = "";',
  ),
  planted(
    'the named import of zod',
    'domain/zod.ts',
    'house(zod-namespace)',
    "import { z } from 'zod';\nexport const name = z.string();",
  ),
  planted('a file of 401 lines', 'domain/long.ts', 'eslint(max-lines)', lines(401)),
  planted(
    'a lone test',
    'test/only.test.ts',
    'vitest(no-focused-tests)',
    "import { expect, test } from 'vitest';\ntest.only('a', () => expect(1).toBe(1));",
  ),
  planted(
    'a test left out',
    'test/skip.test.ts',
    'vitest(no-disabled-tests)',
    "import { expect, test } from 'vitest';\ntest.skip('a', () => expect(1).toBe(1));",
  ),
];

/** Their neighbours, which are as they should be: the rules refuse what they mean to, and no more. */
export const welcome: Planted[] = [
  {
    what: 'the namespace of zod',
    file: 'domain/schema.ts',
    code: "import * as z from 'zod';\nexport const s = z.string();",
  },
  {
    what: 'a type of zod',
    file: 'domain/type.ts',
    code: "import type { ZodType } from 'zod';\nexport type S = ZodType;",
  },
  {
    what: 'a Date of a given time in domain/',
    file: 'domain/decide.ts',
    code: 'export const decide = (at: number) => new Date(at);',
  },
  {
    what: 'domain/ in infra/',
    file: 'infra/store.ts',
    code: "export { decide } from '../domain/decide.ts';",
  },
  {
    what: 'a folder of infra/ that is called functions',
    file: 'infra/local/http.ts',
    code: "export { invoke } from './functions/invoke.ts';\n",
  },
  {
    what: 'that folder itself',
    file: 'infra/local/functions/invoke.ts',
    code: 'export const invoke = (event: unknown) => event;\n',
  },
  {
    what: 'Node in infra/',
    file: 'infra/local/a.ts',
    code: "export const home = process.env['HOME'];\nexport * from 'node:fs';",
  },
  {
    what: 'infra/ and domain/ in functions/',
    file: 'functions/react/handler.ts',
    code: "export { decide } from '../../domain/decide.ts';\nexport * from '../../infra/store.ts';",
  },
  {
    what: 'process.env in a handler',
    file: 'functions/sync/handler.ts',
    code: "export const stage = process.env['SORTIE_STAGE'];",
  },
  {
    what: 'domain/ and the reading of YAML in cli/',
    file: 'cli/main.ts',
    code: "export { decide } from '../domain/decide.ts';\nexport { read } from '../infra/yaml/read.ts';\n",
  },
  {
    what: 'the reading of YAML',
    file: 'infra/yaml/read.ts',
    code: 'export const read = (text: string) => text.split("\\n");\n',
  },
  {
    what: 'the embedded AWS and the event store in cli/, where a command needs them',
    file: 'cli/local.ts',
    code: "export const aws = () => import('../infra/local/a.ts');\nexport const heads = () => import('../infra/dynamodb/store.ts');\nexport type Aws = typeof import('../infra/local/a.ts');\n",
  },
  {
    what: 'that store',
    file: 'infra/dynamodb/store.ts',
    code: 'export const heads = (stream: string) => [stream];\n',
  },
  { what: 'a file of 400 lines', file: 'domain/full.ts', code: lines(400) },
];

function planted(what: string, file: string, rule: string, code: string) {
  return { what, file, rule, code: `${code}\n` };
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, at) => `export const line${at} = ${at};`).join('\n') + '\n';
}
