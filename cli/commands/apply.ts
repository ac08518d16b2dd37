import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { RunDetail } from '../../domain/api/run.ts';
import type { Client } from '../client/client.ts';
import { Refused } from '../client/refusal.ts';
import type { Entry } from '../code/entries.ts';
import { filesOf, sendFiles } from '../code/send.ts';
import { applicableIn, type Configuration, withVariables } from '../configuration.ts';
import { EXIT_CODES, Exit, usage } from '../exit.ts';
import { follow } from '../follow/follow.ts';
import { exitOf, outcomeLines } from '../follow/outcome.ts';
import { interruptible } from '../interrupt.ts';
import { givenBeside, type Overriding, overriding } from '../overriding.ts';
import { confirm } from '../terminal/confirm.ts';
import { err, out, printJson, whenUnread } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { applyFleet } from './apply-fleet.ts';
import { asking, type Common, clientFor, examples, whole } from './asking.ts';
import { fits, perZone, planOf, shownPlan, shownShortly, warn } from './plan.ts';

export type Submitting = Common & {
  readonly yes?: true;
  readonly detach?: true;
  readonly name?: string;
  readonly maxOffers: number;
  readonly zones?: true;
};
type Options = Submitting & Overriding & { readonly file: string };

export const apply = (): Command =>
  submitting(overriding(asking('apply')))
    .summary('plan, confirm, submit and follow a run; or create or change a fleet')
    .description(
      'Submits a run configuration and stays with the run: its output on stdout, its states on stderr. Ctrl-C leaves it running. Of a fleet (`type: fleet`) it shows what would be created or changed, and does it.',
    )
    .requiredOption('-f, --file <file>', 'the configuration of a run or a fleet; - for stdin')
    .argument('[args...]', 'after `--`: for ${{ run.args }} in the commands')
    .addHelpText(
      'after',
      `${examples('sortie apply -f examples/hello.yaml', 'sortie apply -f train.yaml -y -d --name nightly', 'sortie apply -f train.yaml --gpu 24GB.. --spot -e LR=3e-4 -- --epochs 3', 'sortie apply -f examples/fleet.yaml')}\n${EXIT_CODES}`,
    )
    .action(async (args: readonly string[], options: Options) => {
      const configuration = await applicableIn(options.file, givenBeside(options, args));
      mayAsk(options, 'apply');
      if ('fleet' in configuration) {
        if (options.profile !== undefined)
          throw usage(`--profile is for runs, and ${configuration.file} has a fleet`);
        return applyFleet(clientFor(options), configuration, options);
      }
      await planAndSubmit(configuration, options);
    });

/** Options of the commands that submit a run. */
export const submitting = (command: Command): Command =>
  command
    .option('-y, --yes', 'do not ask before submitting')
    .option('-d, --detach', 'print the name of the run and leave it to itself')
    .option('--name <name>', "instead of the configuration's own name")
    .option('-n, --max-offers <count>', 'list at most so many offers', whole(1, 50), 5)
    .addOption(perZone());

export function mayAsk({ yes }: Submitting, command: string): void {
  if (yes || process.stdin.isTTY === true) return;
  throw usage(
    `${command} asks before it submits, and there is no terminal to ask on`,
    'add -y to submit without asking',
  );
}

/** Plans, asks, submits, and stays with the run. */
export async function planAndSubmit(configuration: Configuration, options: Submitting): Promise<void> {
  // Before anything is asked or sent: a variable that is missing is the user's to set first.
  withVariables(configuration);
  warn(configuration);
  const files = await filesOf(configuration);
  const client = clientFor(options);
  if ((await agreed(client, configuration, options)) === 'no') {
    err.line('nothing was submitted');
    process.exitCode = Exit.failed;
    return;
  }
  const run = await submitted(client, configuration, files);
  if (options.detach) announce(run, options);
  else
    process.exitCode = await followed(client, run, {
      show: options.json ? 'the run as JSON' : 'output',
      left: `${run.name} goes on. ${waysBack(run)}`,
    });
}

async function agreed(
  client: Client,
  configuration: Configuration,
  options: Submitting,
): Promise<'yes' | 'no'> {
  const { yes, json, detach } = options;
  if (yes && json) return 'yes';
  const planned = await planOf(client, configuration);
  if (planned.refusal !== null) throw new Refused(planned.refusal);
  if (yes && detach) {
    for (const line of shownShortly(planned)) err.line(line);
    return 'yes';
  }
  for (const line of shownPlan(planned, err, options)) err.line(line);
  err.line();
  if (yes) return 'yes';
  return confirm(fits(planned) ? 'Submit the run?' : 'Nothing fits now. Submit the run all the same?');
}

/** Under a key of this invocation's own: sent twice over a broken connection it is still one run. */
export async function submitted(
  client: Client,
  configuration: Configuration,
  files: readonly Entry[] | null = null,
): Promise<RunDetail> {
  const code = files && (await sendFiles(client, configuration, files));
  const written = { configuration: withVariables(configuration), ...(code && { code }) };
  try {
    return await during('submitting', client.submit(written, randomUUID()));
  } catch (error) {
    throw configuration.explain(error);
  }
}

function announce(run: RunDetail, { json }: Submitting): void {
  if (json) printJson(run);
  else out.line(run.name);
  err.line(`${run.name} is submitted. ${waysBack(run)}`);
}

const waysBack = ({ name }: RunDetail): string =>
  `Back to it: sortie logs ${name} -f   Stop it: sortie stop ${name}`;

/** Stays with the run; how it ended as an exit code. `left`: what to say where Ctrl-C ends this and not the run. */
export async function followed(
  client: Client,
  run: RunDetail,
  { show, left }: { readonly show: 'output' | 'the run as JSON'; readonly left: string },
): Promise<number> {
  const logs = show === 'output' ? out : null;
  whenUnread(() => {
    err.line(left);
    process.exit(Exit.detached);
  });
  const ended = await interruptible((signal) => follow(client, run.id, { states: err, logs, signal }));
  if (ended === 'interrupted') {
    err.line(left);
    return Exit.detached;
  }
  if (show === 'the run as JSON') printJson(ended);
  for (const line of outcomeLines(ended, err.paint)) err.line(line);
  return exitOf(ended);
}
