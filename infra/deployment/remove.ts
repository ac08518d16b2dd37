import { setTimeout as pause } from 'node:timers/promises';
import type { Account, Identity, OnProgress, Stack } from './account.ts';
import { namesOf } from './deploy.ts';

/** What there is to remove. */
export interface Remains {
  readonly stage: string;
  readonly region: string;
  readonly identity: Identity;
  readonly stack: Stack | null;
  readonly instances: readonly string[];
  readonly bucket: boolean;
  readonly table: boolean;
  readonly logGroup: boolean;
}

export async function remainsOf(account: Account, stage: string, region: string): Promise<Remains> {
  const identity = await account.whoAmI();
  const names = namesOf(stage, region, identity.account);
  return {
    ...{ stage, region, identity },
    stack: await account.stack(names.stack),
    instances: await account.instances(names.stack),
    bucket: (await account.bucket(names.Bucket)) === 'ours',
    table: await account.hasTable(names.Table),
    logGroup: await account.hasLogGroup(names.JobLogs),
  };
}

// A launch that was under way when `react` was stopped shows up to the listing within so long.
const QUIET_LOOKS = 3;
const EVERY = 5_000;

/**
 * Removes a deployment. Each step may be repeated, so that an interrupted one goes on where it was; the history (table and
 * output of jobs) goes last, and only if asked.
 */
export async function remove(
  account: Account,
  { stage, region, identity }: Pick<Remains, 'stage' | 'region' | 'identity'>,
  options: { readonly deleteHistory: boolean; readonly every?: number },
  onProgress: OnProgress,
): Promise<void> {
  const names = namesOf(stage, region, identity.account);
  const stack = await account.stack(names.stack);
  if (stack !== null) {
    onProgress('stopping the functions that launch instances');
    for (const name of ['react', 'sync']) await account.reserve(`${names.stack}-${name}`, 0);
  }
  await endInstances(
    account,
    names.stack,
    stack === null ? 1 : QUIET_LOOKS,
    options.every ?? EVERY,
    onProgress,
  );
  await account.deletePlacementGroups(names.stack);
  if (stack !== null) {
    const artifacts = stack.resources['ServerlessDeploymentBucket'];
    // CloudFormation deletes no bucket that has something in it.
    if (artifacts !== undefined) await account.emptyBucket(artifacts, onProgress);
    onProgress(`deleting the stack ${names.stack}`);
    await account.deleteStack(names.stack, onProgress);
  }
  if ((await account.bucket(names.Bucket)) === 'ours') {
    await account.emptyBucket(names.Bucket, onProgress);
    await account.deleteBucket(names.Bucket);
  }
  if (!options.deleteHistory) return;
  onProgress('deleting the history');
  await account.deleteTable(names.Table);
  await account.deleteLogGroup(names.JobLogs);
}

/** A security group cannot go while an instance has it. */
async function endInstances(
  account: Account,
  deployment: string,
  looks: number,
  every: number,
  onProgress: OnProgress,
): Promise<void> {
  for (let none = 0; none < looks; ) {
    const instances = await account.instances(deployment);
    if (instances.length > 0) {
      onProgress(`ending ${instances.length} instances`);
      await account.terminate(instances);
    }
    none = instances.length === 0 ? none + 1 : 0;
    if (none < looks) await pause(every);
  }
}
