import { Command } from 'commander';
import type { Account, OnProgress } from '../../infra/deployment/account.ts';
import type { Asked } from '../../infra/deployment/refusal.ts';
import { wholeEnvironment } from '../environment.ts';
import { Failure, usage } from '../exit.ts';
import { liveLine } from '../terminal/live-line.ts';
import { err } from '../terminal/output.ts';
import { ticking } from '../terminal/units.ts';

export interface Where {
  readonly stage: string;
  readonly region?: string;
  readonly profile?: string;
}

/** A command that acts on an AWS account itself, with the SDK's own credentials, and not through Sortie's API. */
export const deploying = (name: string): Command =>
  new Command(name)
    .option(
      '--stage <name>',
      'which deployment of the account: its resources are called sortie-<name>',
      'prod',
    )
    .option('--region <region>', "an AWS region (AWS_REGION; else the profile's; else us-east-1)")
    .option('--profile <name>', 'a profile of ~/.aws/config (AWS_PROFILE)')
    .option('-y, --yes', 'do not ask first');

export interface OnAccount extends Asked {
  readonly account: Account;
  readonly stage: string;
  /** For the processes that it starts. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Runs `work` on the account that is asked for; what AWS refuses comes as a `Failure` with the next command to type. */
export async function onAccount<T>(where: Where, work: (on: OnAccount) => Promise<T>): Promise<T> {
  // The bucket's name has it, and S3 allows it no more than that.
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(where.stage))
    throw usage(
      `${JSON.stringify(where.stage)} cannot be a stage: up to 20 lower-case letters, digits and -, a letter first`,
      '--stage prod',
    );
  // Only here, as they load the AWS clients.
  const { awsAccount, regionOf } = await import('../../infra/deployment/aws-account.ts');
  const { refusalOf } = await import('../../infra/deployment/refusal.ts');
  const environment = wholeEnvironment();
  const profile = where.profile ?? environment['AWS_PROFILE'];
  const region = await regionOf({ ...where, ...(profile !== undefined && { profile }) });
  try {
    return await work({
      account: awsAccount({ region, profile }),
      stage: where.stage,
      region,
      profile,
      environment: { ...environment, ...(profile !== undefined && { AWS_PROFILE: profile }) },
    });
  } catch (error) {
    if (error instanceof Failure) throw error;
    const refused = refusalOf(error, { region, profile });
    throw new Failure(refused.message, { next: refused.next, cause: error });
  }
}

/** Says how far it is: in a line that is redrawn, or, where nobody looks, in one for each step. */
export async function progressing<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const live = liveLine(err);
  const since = Date.now();
  let last = '';
  try {
    return await work((what) => {
      live.show(() => `${ticking(since)}  ${what}`);
      // Counts change by the second.
      if (!err.live && !/^\d/.test(what) && what !== last) err.line(what);
      last = what;
    });
  } finally {
    live.end();
  }
}
