import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { PROJECT } from '../tools/process.ts';

/** Of each `--param` that `serverless.yml` takes, values as somebody could type them: one, or those that give other templates. */
const examples: Readonly<Record<string, readonly [string, ...string[]]>> = {
  tokens: [`alice:${'ab'.repeat(32)}`],
  subnets: ['us-east-1a=subnet-0123456789abcdef0,us-east-1b=subnet-0fedcba9876543210'],
  vpc: ['vpc-0123456789abcdef0'],
  alarmEmail: ['alice@example.com'],
  concurrency: ['small', 'reserved'],
  longPollSeconds: ['5'],
  publicIpv4: ['no'],
  chosen: ['{"priceFactor":"2"}'],
  images: ['x86_64=ami-0123456789abcdef0'],
  fleetInstances: ['5'],
  concurrentLaunches: ['10'],
  launchesPerSecond: ['1'],
  cloudCallsPerSecond: ['10'],
  priceFactor: ['2'],
  deadmanSeconds: ['7200'],
};

// They say where the template is deployed and where the handlers are, and change nothing in it.
const PLACES = ['region', 'functions'];

export interface Variant {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const service = z.object({ params: z.object({ default: z.record(z.string(), z.unknown()) }) });

/** Without parameters, with all of them, and with each of them alone. Throws for one that has no example here. */
export function variants(): { without: Variant; every: Variant; alone: Variant[] } {
  const { params } = service.parse(parse(readFileSync(join(PROJECT, 'serverless.yml'), 'utf8')));
  const names = Object.keys(params.default).filter((name) => !PLACES.includes(name));
  const alone = names.flatMap((name) => {
    const values = examples[name];
    if (values === undefined)
      throw new Error(`test/conformance/template/parameters.ts has no example of ${name}`);
    return values.map((value) => ({ name, parameters: { [name]: value } }));
  });
  return {
    without: { name: 'none', parameters: {} },
    every: { name: 'all', parameters: Object.assign({}, ...alone.map(({ parameters }) => parameters)) },
    alone,
  };
}
