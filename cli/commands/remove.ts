import type { Command } from 'commander';
import type { Remains } from '../../infra/deployment/remove.ts';
import { activeRuns } from '../client/active-runs.ts';
import { type Client, clientOf } from '../client/client.ts';
import { type Deployment, deploymentOf, forget } from '../deployments.ts';
import { Exit, Failure } from '../exit.ts';
import { confirm } from '../terminal/confirm.ts';
import { err } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { counted } from '../terminal/units.ts';
import { examples } from './asking.ts';
import { deploying, onAccount, progressing, type Where } from './deploying.ts';

type Options = Where & { readonly deleteHistory?: true; readonly abortRuns?: true; readonly yes?: true };

export const remove = (): Command =>
  deploying('remove')
    .summary('remove a deployment from an AWS account')
    .description(
      'Ends its instances, and deletes the stack and the bucket. The history (the table, and the output of jobs) stays, for the next deployment of that name to take back, unless --delete-history. Interrupted, the same command goes on.',
    )
    .option('--abort-runs', 'abort the runs that are live; without it, -y refuses while there are any')
    .option('--delete-history', 'delete the table and the output of jobs, too: there is no way back')
    .addHelpText(
      'after',
      examples('sortie remove --stage prod', 'sortie remove --stage test --delete-history'),
    )
    .action((options: Options) =>
      onAccount(options, async ({ account, stage, region }) => {
        const flows = await import('../../infra/deployment/remove.ts');
        const remains = await during('looking at the account', flows.remainsOf(account, stage, region));
        const deleteHistory = options.deleteHistory === true;
        if (!anything(remains, deleteHistory)) {
          err.line(`there is no sortie-${stage} in ${region} (account ${remains.identity.account})`);
          if (remains.table) err.line(`its history is: ${history(remains)}`);
          return;
        }
        const key = { stage, region, account: remains.identity.account };
        const kept = deploymentOf(key);
        const client = kept === undefined ? null : clientTo(kept);
        const live = await liveRuns(remains, client);
        for (const line of shown(remains, live, deleteHistory)) err.line(line);
        // Where nobody knows of runs, an instance stands for one.
        const atStake =
          live === 'unknown' ? counted(remains.instances.length, 'instance') : counted(live.length, 'run');
        if (options.yes && !options.abortRuns && !atStake.startsWith('0 '))
          throw new Failure(`${atStake} of sortie-${stage} would be aborted`, {
            next: `wait for them (sortie ps), or: sortie remove --stage ${stage} --region ${region} -y --abort-runs`,
          });
        if (!options.yes && (await confirm(`Remove sortie-${stage}?`)) === 'no') {
          err.line('nothing was changed');
          process.exitCode = Exit.failed;
          return;
        }
        if (client !== null && live !== 'unknown' && live.length > 0)
          await during('aborting the runs', abort(client, live));
        await progressing((onProgress) => flows.remove(account, remains, { deleteHistory }, onProgress));
        forget(key);
        err.line(
          deleteHistory
            ? `sortie-${stage} is gone, with its history`
            : `sortie-${stage} is gone. Its history stays: ${history(remains)}`,
        );
      }),
    );

const clientTo = ({ url, token }: Deployment): Client | null =>
  url === null ? null : clientOf({ url, token, unanswered: 'sortie ps' });

const anything = ({ stack, instances, bucket, table, logGroup }: Remains, withHistory: boolean): boolean =>
  stack !== null || instances.length > 0 || bucket || (withHistory && (table || logGroup));

const history = ({ stage, table, logGroup }: Remains): string =>
  [
    ...(table ? [`the table sortie-${stage}`] : []),
    ...(logGroup ? [`the log group /sortie/${stage}/jobs (30 days)`] : []),
  ].join(', ');

/** By name. */
async function liveRuns({ stack }: Remains, client: Client | null): Promise<readonly string[] | 'unknown'> {
  if (stack === null) return [];
  if (client === null) return 'unknown';
  try {
    return (await during('asking after runs', activeRuns(client))).runs.map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    err.line(`its API does not answer: ${error.message}`);
    return 'unknown';
  }
}

/** So that their history ends with them; who is not reached is ended with its instance. */
async function abort(client: Client, runs: readonly string[]): Promise<void> {
  for (const run of runs)
    try {
      await client.stop(run, 'abort');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      err.line(`${run} was not aborted: ${error.message}`);
    }
}

function shown(remains: Remains, live: readonly string[] | 'unknown', deleteHistory: boolean): string[] {
  const { stage, region, identity, stack, instances, bucket } = remains;
  const runs =
    live === 'unknown'
      ? 'not known: its API was not to be asked'
      : live.length === 0
        ? 'none is live'
        : `${live.length} live, aborted: ${few(live)}`;
  return [
    `account    ${identity.account} in ${region}, as ${identity.arn}`,
    `stack      ${stack === null ? 'gone already' : `sortie-${stage} (${stack.status}), deleted`}`,
    `instances  ${instances.length === 0 ? 'none' : `${instances.length}, ended: ${few(instances)}`}`,
    `runs       ${runs}`,
    `bucket     ${bucket ? 'emptied and deleted' : 'gone already'}`,
    `history    ${deleteHistory ? err.paint.red('deleted, for good') : `stays: ${history(remains) || 'there is none'}`}`,
  ];
}

const few = (all: readonly string[]): string => all.slice(0, 3).join(', ') + (all.length > 3 ? ', …' : '');
