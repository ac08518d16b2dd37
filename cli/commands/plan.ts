import { type Command, Option } from 'commander';
import type { RunPlan } from '../../domain/api/plan.ts';
import { warningsOf } from '../../domain/configuration/warnings.ts';
import type { StoredTask } from '../../domain/run/events.ts';
import type { Client } from '../client/client.ts';
import { leftBehind } from '../code/left-behind.ts';
import { type Configuration, configurationIn, withoutValues } from '../configuration.ts';
import { Exit } from '../exit.ts';
import { overriddenLines } from '../overridden.ts';
import { givenBeside, type Overriding, overriding } from '../overriding.ts';
import { planInOneLine, planLines, type Span, totalOfGroups } from '../show/plan.ts';
import { err, type Output, out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { counted } from '../terminal/units.ts';
import { asking, type Common, clientFor, examples, whole } from './asking.ts';

type Options = Common &
  Overriding & { readonly file: string; readonly maxOffers: number; readonly zones?: true };

export const plan = (): Command =>
  overriding(asking('plan'))
    .summary('show what a configuration would be given, without submitting it')
    .description(
      'Shows the offers that fit a run configuration, best first, and why the others fell out. Nothing is recorded.',
    )
    .requiredOption('-f, --file <file>', 'the run configuration; - for stdin')
    .option('-n, --max-offers <count>', 'list at most so many offers', whole(1, 50), 15)
    .addOption(perZone())
    .argument('[args...]', 'after `--`: for ${{ run.args }} in the commands')
    .addHelpText(
      'after',
      examples('sortie plan -f examples/hello.yaml', 'sortie plan -f train.yaml --gpu 24GB.. --spot'),
    )
    .action(async (args: readonly string[], options: Options) => {
      const configuration = await configurationIn(options.file, givenBeside(options, args));
      const planned = await planOf(clientFor(options), configuration);
      warn(configuration);
      if (options.json) printJson(planned);
      else for (const line of shownPlan(planned, out, options)) out.line(line);
      if (planned.refusal !== null) err.line(err.paint.yellow(`warning: ${planned.refusal.detail}`));
      process.exitCode = fits(planned) ? Exit.ok : Exit.failed;
    });

/** Offers of one type that differ in their zone alone are one row otherwise. */
export const perZone = (): Option => new Option('--zones', 'list each zone by itself');

/** Of fields that are not the file's; and of what is allowed, and probably not what was meant. */
export function warn(configuration: Configuration): void {
  const { task, overridden } = configuration;
  for (const line of overriddenLines(overridden)) err.line(err.paint.dim(line));
  const left = leftBehind(configuration);
  const unsent = `${left} lies beside the configuration, and nothing brings it to the instance; add files: [.]`;
  for (const warning of [...warningsOf(task), ...(left === null ? [] : [unsent])])
    err.line(err.paint.yellow(`warning: ${warning}`));
}

/** Asked without a value that may be secret: offers do not depend on any. */
export async function planOf(client: Client, configuration: Configuration): Promise<RunPlan> {
  try {
    return await during('planning', client.plan({ configuration: withoutValues(configuration) }));
  } catch (error) {
    throw configuration.explain(error);
  }
}

/** Whether there is something for each of its nodes. */
export const fits = ({ plan, other_groups }: RunPlan): boolean =>
  [plan, ...other_groups.map((group) => group.plan)].every(({ total_offers }) => total_offers > 0);

export function shownPlan(
  { plan, configuration, other_groups }: RunPlan,
  output: Output,
  { maxOffers, zones }: { readonly maxOffers: number; readonly zones?: true },
): string[] {
  const { paint } = output;
  const span = spanOf(configuration);
  const rows = zones ? ('zone' as const) : ('type' as const);
  const shown = { paint, width: output.width(), now: Date.now(), offers: maxOffers, rows };
  const { container, groups } = configuration;
  const where = container === null ? [] : [paint.dim(containerText(container)), ''];
  const [first] = groups ?? [];
  if (first === undefined || groups === null)
    return [...where, ...planLines(plan, span, shown, configuration.nodes)];
  return [
    ...where,
    ...[{ ...first, plan }, ...other_groups].flatMap((group, index) => [
      ...(index > 0 ? [''] : []),
      paint.bold(`group ${group.name ?? index}: ${counted(group.nodes, 'node', 'nodes')}`),
      ...planLines(group.plan, span, shown, group.nodes),
    ]),
    ...totalOfGroups([{ nodes: first.nodes, plan }, ...other_groups]),
  ];
}

const spanOf = ({ requirements }: StoredTask): Span => requirements.max_duration ?? 'no limit';

/** For who has it submitted without looking: each group on a line. */
export function shownShortly({ plan, configuration, other_groups }: RunPlan): string[] {
  const { groups, nodes } = configuration;
  const all = [
    { name: groups?.[0]?.name ?? null, nodes: groups?.[0]?.nodes ?? nodes, plan },
    ...other_groups,
  ];
  return all.map(({ name, nodes: count, plan: one }) => {
    const line = planInOneLine(one, spanOf(configuration), count);
    return name === null ? line : `group ${name}: ${line}`;
  });
}

/** `in a container of ubuntu:24.04, kept as tools` */
function containerText({ image, name, lifetime }: NonNullable<StoredTask['container']>): string {
  switch (lifetime) {
    case 'no_launch':
      return `in container ${name}, which has to run already`;
    case 'per_run':
      return `in a container of ${image}, made for the run`;
    case 'persistent':
      return `in container ${name} of ${image}, kept for later runs`;
  }
}
