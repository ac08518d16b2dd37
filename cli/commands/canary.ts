import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { RunDetail } from '../../domain/api/run.ts';
import { dollars } from '../../domain/kernel/dollars.ts';
import { CASE_NAMES, type Case, casesFor, deviationOf, MAX_DURATION } from '../canary/cases.ts';
import { STEPS, type Steps, stepsOf } from '../canary/steps.ts';
import type { Client } from '../client/client.ts';
import { everyPage } from '../client/every-page.ts';
import { Refused } from '../client/refusal.ts';
import { Exit } from '../exit.ts';
import { interruptible } from '../interrupt.ts';
import { confirm } from '../terminal/confirm.ts';
import { liveLine } from '../terminal/live-line.ts';
import { err, out, printJson } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { elapsed, ticking } from '../terminal/units.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

type Options = Common & {
  readonly gpu?: string;
  readonly image: string;
  readonly skip: readonly string[];
  readonly yes?: true;
};

/** What became of one case. `price`: $/h of all its nodes by the plan; `null`: no offer fits. */
interface Outcome {
  readonly name: string;
  readonly proves: string;
  readonly run: string | null;
  readonly instance_type: string | null;
  readonly price: number | null;
  /** `null`: it ended as it has to. */
  readonly deviation: string | null;
  readonly steps: Steps | null;
}

// AWS's own mirror of Docker's images: no login, and no limit that other customers could use up.
const IMAGE = 'public.ecr.aws/docker/library/busybox:stable';

export const canary = (): Command =>
  asking('canary')
    .summary(
      'run a fixed list of small jobs on a deployment, and say what worked and how long each step took',
    )
    .description(
      `Runs ${CASE_NAMES.length - 1} small jobs one after the other, in a fleet of its own that it deletes afterwards. The most that they can cost is shown beforehand.`,
    )
    .option('--gpu <request>', 'one more job, on a GPU: L4, T4:1, 24GB..')
    .option('--image <name>', 'of the job in a container', IMAGE)
    .option('--skip <case>', `leave one out, repeatedly: ${CASE_NAMES.join(', ')}`, skipped, [])
    .option('-y, --yes', 'do not ask first')
    .addHelpText(
      'after',
      examples('sortie canary', 'sortie canary --gpu L4 -y', 'sortie canary --skip container'),
    )
    .action(async (options: Options) => {
      const client = clientFor(options);
      const cases = casesFor(options);
      const budget = await budgetOf(client, cases);
      for (const line of budgetLines(budget)) err.line(line);
      if (!options.yes && (await confirm('Run them?')) === 'no') {
        process.exitCode = Exit.failed;
        return;
      }
      const outcomes = await inFleetOfItsOwn(client, cases, budget, (fleet) =>
        runAll(client, cases, budget, fleet),
      );
      if (options.json) printJson({ cases: outcomes });
      else for (const line of outcomeLines(outcomes)) out.line(line);
      const failed = outcomes.filter(({ deviation }) => deviation !== null).length;
      err.line(
        failed === 0
          ? err.paint.green(`all ${outcomes.length} cases worked`)
          : err.paint.red(`${failed} of ${outcomes.length} cases did not work`),
      );
      process.exitCode = failed === 0 && outcomes.length === cases.length ? Exit.ok : Exit.failed;
    });

function skipped(name: string, before: readonly string[]): readonly string[] {
  if (CASE_NAMES.includes(name)) return [...before, name];
  throw new InvalidArgumentError(`It is one of ${CASE_NAMES.join(', ')}.`);
}

type Budget = ReadonlyMap<Case, { readonly type: string; readonly price: number } | null>;

/** The first offer of each case, of all its nodes together. */
async function budgetOf(client: Client, cases: readonly Case[]): Promise<Budget> {
  const plans = await Promise.all(
    cases.map(async (one) => {
      // An idle instance is there by then; what it costs is what a new one costs.
      const { creation_policy: _, ...fields } = one.fields;
      const { plan } = await client.plan({
        configuration: { type: 'task', ...fields, max_duration: MAX_DURATION },
      });
      const [first] = plan.offers;
      return [one, first ? { type: first.instance_type, price: first.price * one.nodes } : null] as const;
    }),
  );
  return new Map(plans);
}

function budgetLines(budget: Budget): string[] {
  const most = [...budget.values()].reduce(
    (sum, offer) => sum + (offer?.price ?? 0) * (MAX_DURATION / 3_600),
    0,
  );
  const rows = [...budget].map(([{ name, proves, nodes }, offer]) => ({ name, proves, nodes, offer }));
  return [
    ...table(
      [
        { title: 'CASE', value: ({ name }) => name },
        { title: 'PROVES THAT', value: ({ proves }) => proves, narrow: 'wrap' },
        {
          title: 'FIRST OFFER',
          value: ({ offer, nodes }) =>
            offer ? `${nodes > 1 ? `${nodes} × ` : ''}${offer.type}` : 'none fits',
        },
        { title: '$/H', value: ({ offer }) => (offer ? dollars(offer.price) : ''), align: 'right' },
      ],
      rows,
      err.width(),
    ),
    '',
    `At most ${dollars(most)}, if each took its whole ${elapsed(MAX_DURATION * 1_000)}, on the first offers.`,
  ];
}

/** Its instances end with it, however the canary ends. */
async function inFleetOfItsOwn(
  client: Client,
  cases: readonly Case[],
  budget: Budget,
  work: (fleet: string) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const fleet = `canary-${randomBytes(3).toString('hex')}`;
  const price = [...budget.values()].reduce((most, offer) => Math.max(most, offer?.price ?? 0), 0);
  const limits = { price_per_hour: Math.ceil(4 * price * 100) / 100 || 1 };
  const nodes = 2 + cases.length;
  await client.applyFleet({
    configuration: { type: 'fleet', name: fleet, nodes: `0..${nodes}`, idle_duration: '3m', limits },
  });
  try {
    return await work(fleet);
  } finally {
    await endFleet(client, fleet);
  }
}

async function endFleet(client: Client, fleet: string): Promise<void> {
  try {
    await client.deleteFleet(fleet);
    err.line(err.paint.dim(`fleet ${fleet} is deleted; its instances end: sortie instance`));
  } catch (error) {
    // A run that was aborted a moment ago may still be in it. Its instances end when they have been idle for 3 minutes.
    if (!(error instanceof Refused)) throw error;
    err.line(err.paint.yellow(`fleet ${fleet} is still in use; later: sortie fleet delete ${fleet} -y`));
  }
}

async function runAll(
  client: Client,
  cases: readonly Case[],
  budget: Budget,
  fleet: string,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const live = liveLine(err);
  try {
    for (const one of cases) {
      const since = Date.now();
      live.show(() => `${one.name}  ${ticking(since)}`);
      const ended = await interruptible((signal) => runOne(client, one, fleet, signal));
      if (ended === 'interrupted') return outcomes;
      const { run, events } = ended;
      const deviation = deviationOf(one, run);
      const steps = stepsOf(events);
      const offer = run.jobs[0]?.submissions.at(-1)?.offer ?? null;
      outcomes.push({
        ...{ name: one.name, proves: one.proves, run: run.name, deviation, steps },
        ...{ instance_type: offer?.instance_type ?? null, price: budget.get(one)?.price ?? null },
      });
      live.line(
        `${deviation === null ? '✓' : '✗'} ${one.name}  ${elapsed(Date.now() - since)}${deviation === null ? '' : `  ${deviation}; see: sortie why ${run.name}`}`,
      );
    }
    return outcomes;
  } finally {
    live.end();
  }
}

async function runOne(client: Client, one: Case, fleet: string, signal: AbortSignal) {
  const configuration = { type: 'task', ...one.fields, fleets: [fleet], max_duration: MAX_DURATION };
  let run = await client.submit({ configuration, name: `${fleet}-${one.name}` }, randomUUID());
  let stopping: 'not yet' | 'asked' = 'not yet';
  try {
    while (run.finished_at === null) {
      if (
        one.ends === 'stopped by the user while it runs' &&
        run.status === 'running' &&
        stopping === 'not yet'
      ) {
        await client.stop(run.id, 'graceful', { signal });
        stopping = 'asked';
      }
      await pause(500, undefined, { signal });
      run = await client.run(run.id, { signal, patience: 'follow' });
    }
  } catch (error) {
    // Whoever leaves does not leave it running.
    if (signal.aborted) await client.stop(run.id, 'abort');
    throw error;
  }
  return { run, events: await eventsOf(client, run) };
}

const eventsOf = (client: Client, { id }: RunDetail) =>
  everyPage(
    (cursor) => client.events(id, { limit: 1_000, cursor }),
    (page) => page.events,
  );

function outcomeLines(outcomes: readonly Outcome[]): string[] {
  const steps = STEPS.map(([name]) => ({
    title: name.toUpperCase(),
    value: (one: Outcome) => shownStep(one.steps?.[name] ?? null),
    align: 'right' as const,
  }));
  return table(
    [
      { title: 'CASE', value: ({ name }) => name },
      {
        title: 'RESULT',
        value: ({ deviation }) => (deviation === null ? 'worked' : 'did not'),
        paint: (text, { deviation }) => (deviation === null ? out.paint.green(text) : out.paint.red(text)),
      },
      { title: 'INSTANCE TYPE', value: ({ instance_type }) => instance_type ?? '', narrow: { drop: 1 } },
      ...steps,
    ],
    outcomes,
    out.width(),
  );
}

const shownStep = (milliseconds: number | null): string =>
  milliseconds === null ? '–' : elapsed(milliseconds);
