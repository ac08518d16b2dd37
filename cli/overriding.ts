import { type Command, Option } from 'commander';
import type { Given, GivenVariable, Override } from '../domain/configuration/overrides.ts';
import type { Path } from '../domain/configuration/problem.ts';
import { variable } from './environment.ts';
import { usage } from './exit.ts';
import { profileFields } from './profiles.ts';

export interface Overriding {
  readonly gpu?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly disk?: string;
  readonly spot?: true;
  readonly onDemand?: true;
  readonly spotAuto?: true;
  readonly maxPrice?: string;
  readonly maxDuration?: string;
  readonly retry?: true | string;
  readonly env?: readonly string[];
  readonly fleet?: readonly string[];
  readonly image?: string;
  readonly nodes?: string;
  readonly priority?: string;
  readonly region?: readonly string[];
  readonly instanceType?: readonly string[];
  readonly profile?: string;
  readonly name?: string;
}

const gathered = (one: string, before: readonly string[] = []): string[] => [...before, one];

/** Fields of a run configuration, as options: their values are read by the parsers of the configuration itself. */
export const overriding = (command: Command): Command =>
  command
    .option('--gpu <spec>', 'GPUs: 1, A10G, 24GB.., A100:80GB:8')
    .option('--cpu <range>', 'vCPUs: 4, 4.., 2..8, arm:4..')
    .option('--memory <range>', 'memory: 16GB, 16GB.., 8GB..32GB')
    .option('--disk <size>', 'disk: 200GB')
    .addOption(new Option('--spot', 'spot instances only').conflicts(['onDemand', 'spotAuto']))
    .addOption(new Option('--on-demand', 'on-demand instances only').conflicts('spotAuto'))
    .option('--spot-auto', 'spot where it is cheaper')
    .option('--max-price <dollars>', 'at most so many dollars per hour')
    .option('--max-duration <duration>', 'stopped after so long: 4h, 90m; off: never')
    .option(
      '--retry [what]',
      'try again: after interruption, no-capacity, error, for 6h; off: never',
      undefined,
    )
    .option(
      '-e, --env <NAME[=value]>',
      'a variable; without a value, that of your shell; may be repeated',
      gathered,
    )
    .option('--fleet <fleet>', 'of this fleet; may be repeated', gathered)
    .option('--image <image>', 'in a container of this image')
    .option('--nodes <count>', 'on so many nodes')
    .option('--priority <number>', 'from 0 to 100')
    .option('--region <region>', 'in this region; may be repeated', gathered)
    .option('--instance-type <type>', 'of this type; may be repeated', gathered)
    .option('--profile <name>', 'with the fields of this profile, where the file does not have them');

/** What the options say of a run; `args`: for `${{ run.args }}`. */
export function givenBeside(options: Overriding, args: readonly string[]): Given {
  return {
    defaults: profileFields(options.profile),
    overrides: fieldsOf(options),
    variables: (options.env ?? []).map(variableOf),
    args,
  };
}

function fieldsOf(options: Overriding): Override[] {
  const { gpu, cpu, memory, disk, spot, onDemand, spotAuto, maxPrice, maxDuration, retry } = options;
  const { name, fleet, image, nodes, priority, region, instanceType } = options;
  const all: readonly (readonly [by: string, path: Path, value: unknown])[] = [
    ['--name', ['name'], name],
    ['--gpu', ['resources', 'gpu'], gpu],
    ['--cpu', ['resources', 'cpu'], cpu],
    ['--memory', ['resources', 'memory'], memory],
    ['--disk', ['resources', 'disk'], disk],
    ['--spot', ['spot_policy'], spot && 'spot'],
    ['--on-demand', ['spot_policy'], onDemand && 'on-demand'],
    ['--spot-auto', ['spot_policy'], spotAuto && 'auto'],
    ['--max-price', ['max_price'], maxPrice],
    ['--max-duration', ['max_duration'], maxDuration],
    ['--retry', ['retry'], retry === undefined ? undefined : retryOf(retry)],
    ['--fleet', ['fleets'], fleet],
    ['--image', ['image'], image],
    ['--nodes', ['nodes'], numeric(nodes)],
    ['--priority', ['priority'], numeric(priority)],
    ['--region', ['regions'], region],
    ['--instance-type', ['instance_types'], instanceType],
  ];
  return all.flatMap(([by, path, value]) => (value === undefined ? [] : [{ by, path, value }]));
}

/** What is no number is left for the parser to refuse. */
const numeric = (text: string | undefined): unknown =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : text;

/** `interruption,no-capacity,6h`: events, and for how long. */
function retryOf(said: true | string): unknown {
  if (said === true) return true;
  if (said === 'off') return false;
  const words = said.split(',').map((word) => word.trim());
  const [durations, events] = [words.filter(isDuration), words.filter((word) => !isDuration(word))];
  return {
    ...(events.length > 0 && { on_events: events }),
    ...(durations.length > 0 && { duration: durations.join(',') }),
  };
}

const isDuration = (word: string): boolean => /^\d/.test(word);

function variableOf(given: string): GivenVariable {
  const equals = given.indexOf('=');
  if (equals >= 0) return { name: given.slice(0, equals), value: given.slice(equals + 1) };
  const value = variable(given);
  if (value !== undefined) return { name: given, value };
  // Not shown where it is no name: it may be a secret that was pasted in the wrong place.
  const name = /^\w{1,255}$/.test(given) ? given : 'NAME';
  throw usage(
    `-e: ${name === 'NAME' ? 'it' : name} has no value, here or in your environment`,
    `-e ${name}=value, or export it first`,
  );
}
