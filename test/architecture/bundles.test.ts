import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import budgets from '../../infra/build/budgets.json' with { type: 'json' };
import { judge, table } from '../../infra/build/budgets.ts';
import { type Bundle, bundleFunctions } from '../../infra/build/bundle.ts';
import { fixtureProject, hasFunctions, idleHandlers, project, seven } from './fixture-project.ts';

/** Only what launches, terminates or describes may load EC2's client: 823 kB, and 90 ms of every cold start. */
const mayLoadEc2 = ['react', 'refresh', 'sync'];
const loadsEc2 = ({ inputs }: Bundle) => inputs.some((input) => input.includes('@aws-sdk/client-ec2/'));

const scratch: string[] = [];
const keep = (folder: string) => {
  scratch.push(folder);
  return folder;
};
afterAll(() => scratch.forEach((folder) => rmSync(folder, { recursive: true })));

describe('the functions as they deploy', () => {
  let bundles: Bundle[] = [];

  beforeAll(async () => {
    const out = keep(fixtureProject({}));
    bundles = await bundleFunctions(hasFunctions ? project : keep(fixtureProject(idleHandlers)), out);
  }, 60_000);

  test('they are seven', () => {
    expect(bundles.map(({ name }) => name)).toEqual(seven);
  });

  test('only those that need it load the EC2 client', () => {
    const strangers = bundles.filter((bundle) => loadsEc2(bundle) && !mayLoadEc2.includes(bundle.name));
    expect(strangers.map(({ name }) => name)).toEqual([]);
  });

  test('each keeps within its byte budget', () => {
    const verdicts = judge(Object.fromEntries(bundles.map(({ name, bytes }) => [name, bytes])), budgets);
    expect(verdicts.filter(({ kind }) => kind !== 'within')).toEqual([]);
  });
});

describe('a bundle', () => {
  test('shows the EC2 client that came in through another file', async () => {
    const root = keep(
      fixtureProject({
        api: "import { EC2Client } from '@aws-sdk/client-ec2';\nexport const handler = () => new EC2Client({});\n",
        authorize: 'export const handler = () => ({});\n',
      }),
    );
    const bundles = await bundleFunctions(root);
    expect(bundles.map((bundle) => [bundle.name, loadsEc2(bundle)])).toEqual([
      ['api', true],
      ['authorize', false],
    ]);
  });

  test('loads as it is, CommonJS packages included', async () => {
    const code = "import { parse } from 'yaml';\nexport const handler = () => parse('a: 1');\n";
    const root = keep(fixtureProject({ api: code }));
    const [bundle] = await bundleFunctions(root);
    const { handler } = await import(join(root, 'build/functions/api/handler.mjs'));
    expect(bundle?.bytes).toBeGreaterThan(0);
    expect(handler()).toEqual({ a: 1 });
  });
});

describe('byte budgets', () => {
  test('refuse what is over, what has none, and what was not built', () => {
    const verdicts = judge({ api: 1001, react: 10, sync: 900 }, { api: 1000, sync: 1000, observe: 5 });
    expect(verdicts.map(({ name, kind }) => [name, kind])).toEqual([
      ['api', 'over'],
      ['observe', 'not-built'],
      ['react', 'without-budget'],
      ['sync', 'within'],
    ]);
  });

  test('show size, budget and headroom', () => {
    const [head, row] = table(judge({ sync: 900_000 }, { sync: 1_000_000 })).split('\n');
    expect(head?.split(/ {2,}/)).toEqual(['function', 'size', 'budget', 'headroom']);
    expect(row?.split(/ {2,}/)).toEqual(['sync', '900.0 kB', '1000.0 kB', '10 %']);
  });
});
