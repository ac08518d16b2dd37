import * as z from 'zod';
import type { Account, Identity, OnProgress, Stack } from './account.ts';
import { type Share, shareOf } from './concurrency.ts';
import { bestByZone, type Chosen, leadsOut, warningsOf, written } from './network.ts';
import { Refusal } from './refusal.ts';
import type { Parameters, Resources, Serverless } from './serverless.ts';
import { deployable } from './stack-state.ts';
import { admit, type Hashes, readHashes, writeHashes } from './tokens.ts';
import { type NodeSource, uploadNode } from './upload-node.ts';

/** What an operator asks for. */
export interface Wanted {
  readonly stage: string;
  readonly region: string;
  /** Of serverless.yml, `vpc`, `subnets` and `alarmEmail` among them; an empty value goes back to the default. */
  readonly parameters: Parameters;
  /** The token that this machine will call with. */
  readonly token: string;
  /** Whose it is, and on which machine. */
  readonly user: string;
  readonly machine: string;
  /** Users to let in besides, and to shut out. */
  readonly admitted: Hashes;
  readonly revoked: readonly string[];
}

/** What a deployment will be, before anything is touched. */
export interface DeploymentPlan {
  readonly kind: 'new' | 'update';
  readonly stack: string;
  readonly stage: string;
  readonly region: string;
  readonly identity: Identity;
  readonly vpc: string;
  readonly subnets: readonly Chosen[];
  /** Subnets that instances would reach nothing from. */
  readonly leftOut: readonly Chosen[];
  readonly warnings: readonly string[];
  readonly share: Share;
  readonly concurrency: number;
  readonly users: readonly string[];
  /** The name that this machine's token goes by. */
  readonly user: string;
  /** Names of what an earlier deployment has left, which the stack gets back. */
  readonly takesBack: readonly string[];
  readonly chosen: Parameters;
  readonly parameters: Parameters;
}

/** What a stack leaves behind, by logical id: the type that CloudFormation knows it by, and the property that names it. */
const KEPT = {
  Table: { type: 'AWS::DynamoDB::Table', property: 'TableName' },
  Bucket: { type: 'AWS::S3::Bucket', property: 'BucketName' },
  JobLogs: { type: 'AWS::Logs::LogGroup', property: 'LogGroupName' },
} as const;
type Kept = keyof typeof KEPT;

/** As serverless.yml and infra/deployment/store.yml name them. */
export const namesOf = (stage: string, region: string, account: string) => ({
  stack: `sortie-${stage}`,
  Table: `sortie-${stage}`,
  Bucket: `sortie-${stage}-${account}-${region}`,
  JobLogs: `/sortie/${stage}/jobs`,
});

const ChosenParameters = z.record(z.string(), z.string());

/** Looks at the account, and changes nothing. Throws a `Refusal` where it cannot be deployed to. */
export async function planDeployment(account: Account, wanted: Wanted): Promise<DeploymentPlan> {
  const { stage, region } = wanted;
  const identity = await account.whoAmI();
  const names = namesOf(stage, region, identity.account);
  const stack = await account.stack(names.stack);
  const kind = deployable(stack, { stack: names.stack, stage, region });
  const takesBack = await leftBehind(account, stack, names);

  const chosen = without('', {
    ...ChosenParameters.parse(JSON.parse(stack?.outputs['Chosen'] ?? '{}')),
    ...wanted.parameters,
  });
  const { vpc, subnets, leftOut } = await networkFor(account, chosen, region);
  const concurrency = await account.concurrency();
  const share = shareOf(concurrency, (await account.reserved(`${names.stack}-api`)) ?? 0);
  const { hashes, name: user } = await usersFor(account, names.stack, wanted);
  return {
    ...{ kind, stack: names.stack, stage, region, identity, vpc, subnets, leftOut },
    ...{ share, concurrency: concurrency.limit, users: [...hashes.keys()], user, chosen },
    warnings: warningsOf([...subnets, ...leftOut]),
    takesBack: takesBack.map((id) => names[id]),
    parameters: {
      // An address is billed by the hour: instances behind a NAT have none.
      publicIpv4: subnets.some(({ wayOut }) => wayOut === 'public') ? 'yes' : 'no',
      ...chosen,
      vpc,
      subnets: written(subnets),
      tokens: writeHashes(hashes),
      concurrency: chosen['concurrency'] ?? share,
      chosen: JSON.stringify(chosen),
    },
  };
}

/**
 * Carries it out, and returns where the API answers. `node`: what instances run their supervisor with. `unread`: why the
 * types and prices of this account could not be read.
 */
export async function deploy(
  account: Account,
  serverless: Serverless,
  node: readonly NodeSource[],
  plan: DeploymentPlan,
  onProgress: OnProgress,
): Promise<{ readonly url: string; readonly unread: string | null }> {
  const resources = await serverless.package(plan.parameters, onProgress);
  const names = namesOf(plan.stage, plan.region, plan.identity.account);
  const ids = (Object.keys(KEPT) as Kept[]).filter((id) => plan.takesBack.includes(names[id]));
  if (ids.length > 0) {
    onProgress(`taking back ${plan.takesBack.join(', ')}`);
    const taken = ids.map((id) => ({
      logicalId: id,
      type: KEPT[id].type,
      definition: definitionOf(resources, id),
      identifier: { [KEPT[id].property]: names[id] },
    }));
    await account.takeIn(plan.stack, taken, onProgress);
  }
  // `sortie remove` stops them first, and may have been interrupted.
  for (const name of ['react', 'sync'])
    if ((await account.reserved(`${plan.stack}-${name}`)) === 0)
      await account.reserve(`${plan.stack}-${name}`, null);
  await serverless.deploy(plan.parameters, onProgress);
  onProgress('bringing Node to the bucket, for instances to fetch it from');
  await uploadNode(account.objects(names.Bucket), node);
  // Until then plans use the catalogue that is shipped, or none: only us-east-1's is.
  onProgress('reading which types EC2 has in this account, where, and what they cost');
  const unread = await account.invoke(`${plan.stack}-refresh`);
  const url = (await account.stack(plan.stack))?.outputs['HttpApiUrl'];
  if (url === undefined) throw new Error(`${plan.stack} has no output HttpApiUrl`);
  return { url, unread };
}

function definitionOf(resources: Resources, id: Kept): unknown {
  const definition = resources[id];
  if (definition?.Type !== KEPT[id].type) throw new Error(`serverless.yml has no ${KEPT[id].type} ${id}`);
  return definition;
}

/** What is there by name, and is not the stack's: removed stacks leave it, and first deployments that were rolled back. */
async function leftBehind(
  account: Account,
  stack: Stack | null,
  names: ReturnType<typeof namesOf>,
): Promise<Kept[]> {
  const owned = (id: Kept) => stack?.resources[id] !== undefined;
  const found: Kept[] = [];
  if (!owned('Table') && (await account.hasTable(names.Table))) found.push('Table');
  if (!owned('JobLogs') && (await account.hasLogGroup(names.JobLogs))) found.push('JobLogs');
  if (!owned('Bucket')) {
    const whose = await account.bucket(names.Bucket);
    if (whose === "another account's")
      throw new Refusal(
        `the bucket ${names.Bucket} is not yours, and the deployment needs that name`,
        'sortie deploy --stage another-name',
      );
    if (whose === 'ours') found.push('Bucket');
  }
  return found;
}

async function networkFor(account: Account, chosen: Parameters, region: string) {
  const given = (chosen['subnets'] ?? '').split(',').filter((one) => one !== '');
  const vpc = chosen['vpc'] ?? (given.length > 0 ? null : await account.defaultVpc());
  if (vpc === null && given.length === 0)
    throw new Refusal(
      `there is no default VPC in ${region}`,
      `aws ec2 create-default-vpc --region ${region}, or name one: sortie deploy --vpc vpc-…`,
    );
  const network = await account.network(
    given.length > 0 ? { subnets: given.map((one) => one.replace(/^[^=]*=/, '')) } : { vpc: vpc ?? '' },
  );
  const vpcs = [...new Set(network.subnets.map((subnet) => subnet.vpc))];
  const [first] = vpcs;
  if (first === undefined)
    throw new Refusal(
      `${vpc} has no subnets in ${region}`,
      'name another with --vpc, or create one subnet in each zone: aws ec2 create-default-subnet --availability-zone …',
    );
  if (vpcs.length > 1 || (vpc !== null && vpc !== first))
    throw new Refusal(
      `the subnets are of ${vpcs.join(' and ')}`,
      'name subnets of one VPC, and no other with --vpc',
    );
  const best = bestByZone(network);
  // Subnets that were named are taken as they are: the operator may know a way that the routes do not show.
  const subnets = given.length > 0 ? best : best.filter(leadsOut);
  if (subnets.length === 0)
    throw new Refusal(
      `no subnet of ${first} has a way out: ${warningsOf(best)[0]}`,
      'mend that, or name others with --subnets',
    );
  return { vpc: first, subnets, leftOut: best.filter((one) => !subnets.includes(one)) };
}

async function usersFor(account: Account, stack: string, wanted: Wanted) {
  const deployed = await account.environment(`${stack}-authorize`);
  const before = readHashes(deployed?.['SORTIE_TOKENS'] ?? '');
  const unknown = wanted.revoked.filter((name) => !before.has(name));
  if (unknown.length > 0)
    throw new Refusal(
      `nobody called ${unknown.join(', ')} has a token; there are: ${[...before.keys()].join(', ') || 'none'}`,
      'sortie deploy --revoke NAME',
    );
  const kept = [...before].filter(([name]) => !wanted.revoked.includes(name));
  return admit(new Map([...kept, ...wanted.admitted]), wanted.token, wanted.user, wanted.machine);
}

const without = (value: string, parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter(([, one]) => one !== value));
