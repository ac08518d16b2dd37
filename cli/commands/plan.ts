import type { Command } from 'commander';
import type { RunPlan } from '../../domain/api/plan.ts';
import type { Client } from '../client/client.ts';
import { type Configuration, configurationIn } from '../configuration.ts';
import { Exit } from '../exit.ts';
import { planLines } from '../show/plan.ts';
import { type Output, out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples, whole } from './asking.ts';

type Options = Common & { readonly file: string; readonly maxOffers: number };

export const plan = (): Command =>
  asking('plan')
    .summary('show what a configuration would be given, without submitting it')
    .description(
      'Shows the offers that fit a run configuration, best first, and why the others fell out. Nothing is recorded.',
    )
    .requiredOption('-f, --file <file>', 'the run configuration; - for stdin')
    .option('-n, --max-offers <count>', 'list at most so many offers', whole(1, 50), 15)
    .addHelpText('after', examples('sortie plan -f examples/hello.yaml'))
    .action(async (options: Options) => {
      const configuration = await configurationIn(options.file);
      const planned = await planOf(clientFor(options), configuration);
      if (options.json) printJson(planned);
      else for (const line of shownPlan(planned, out, options.maxOffers)) out.line(line);
      process.exitCode = planned.plan.total_offers > 0 ? Exit.ok : Exit.failed;
    });

/** Asked without secrets, and what refers to them: offers do not depend on any. */
export async function planOf(
  client: Client,
  { written, explain }: Configuration,
  name?: string,
): Promise<RunPlan> {
  const { env: _, registry_auth: __, ...open } = written;
  const { env: ___, ...container } = (open.container ?? {}) as Record<string, unknown>;
  const configuration = { ...open, ...(open.container !== undefined && { container }) };
  try {
    return await during('planning', client.plan({ configuration, ...(name !== undefined && { name }) }));
  } catch (error) {
    throw explain(error);
  }
}

export function shownPlan({ plan, configuration }: RunPlan, output: Output, offers: number): string[] {
  const { paint } = output;
  const span = configuration.requirements.max_duration ?? 'no limit';
  return planLines(plan, span, { paint, width: output.width(), now: Date.now(), offers });
}
