import type { Account, Network, Stack, TakenIn } from '../../infra/deployment/account.ts';
import { Refusal } from '../../infra/deployment/refusal.ts';
import type { Parameters, Serverless } from '../../infra/deployment/serverless.ts';

const ACCOUNT = '123456789012';

type Resource = { readonly type: string; readonly name: string };

/** An AWS account in memory, as unkind as CloudFormation is: what exists is not created again, what is in use not deleted. */
export function memoryAccount() {
  const state = {
    stacks: new Map<string, Stack>(),
    /** Physical names of what exists, whoever owns it. */
    tables: new Set<string>(),
    logGroups: new Set<string>(),
    buckets: new Map<string, number>(),
    foreignBuckets: new Set<string>(),
    objects: new Map<string, string>(),
    instances: new Set<string>(),
    groups: new Set<string>(),
    functions: new Map<string, { environment: Record<string, string>; reserved: number | null }>(),
    invoked: [] as string[],
    /** What every invocation says, if it fails. */
    invocationFails: null as string | null,
    defaultVpc: 'vpc-default' as string | null,
    concurrency: { limit: 1_000, unreserved: 1_000 },
    networks: new Map<string, Network>([['vpc-default', publicNetwork('vpc-default', ['a', 'b'])]]),
  };
  const gone = (name: string) => state.stacks.delete(name);

  const account: Account = {
    whoAmI: async () => ({ account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ops` }),
    defaultVpc: async () => state.defaultVpc,
    async network(of) {
      if ('vpc' in of) return state.networks.get(of.vpc) ?? { subnets: [], routeTables: [] };
      const all = [...state.networks.values()];
      const subnets = all.flatMap((one) => one.subnets).filter(({ id }) => of.subnets.includes(id));
      return { subnets, routeTables: all.flatMap((one) => one.routeTables) };
    },
    concurrency: async () => state.concurrency,
    reserved: async (name) => state.functions.get(name)?.reserved ?? null,
    async reserve(name, executions) {
      const found = state.functions.get(name);
      if (found) found.reserved = executions;
    },
    async invoke(name) {
      state.invoked.push(name);
      return state.invocationFails;
    },
    environment: async (name) => state.functions.get(name)?.environment ?? null,

    stack: async (name) => state.stacks.get(name) ?? null,
    async takeIn(name, resources) {
      for (const { identifier } of resources)
        if (!exists(Object.values(identifier)[0] ?? ''))
          throw new Error(`there is no ${JSON.stringify(identifier)}`);
      const before = state.stacks.get(name);
      state.stacks.set(name, {
        ...{ status: 'IMPORT_COMPLETE', reason: null, outputs: before?.outputs ?? {} },
        resources: { ...before?.resources, ...Object.fromEntries(resources.map(idAndName)) },
      });
    },
    async deleteStack(name) {
      const stack = state.stacks.get(name);
      if (stack === undefined) return;
      const artifacts = stack.resources['ServerlessDeploymentBucket'] ?? '';
      if ((state.buckets.get(artifacts) ?? 0) > 0)
        throw failed(name, 'ServerlessDeploymentBucket: not empty');
      if (state.instances.size > 0) throw failed(name, 'NodeSecurityGroup: has a dependent object');
      state.buckets.delete(artifacts);
      for (const id of [...state.functions.keys()]) if (id.startsWith(`${name}-`)) state.functions.delete(id);
      gone(name);
    },

    bucket: async (name) =>
      state.foreignBuckets.has(name) ? "another account's" : state.buckets.has(name) ? 'ours' : 'absent',
    objects: (bucket) => ({
      read: async (key) => state.objects.get(`${bucket}/${key}`) ?? null,
      async write(key, body) {
        if (!state.buckets.has(bucket)) throw new Error('NoSuchBucket');
        state.objects.set(`${bucket}/${key}`, body.toString());
      },
    }),
    async emptyBucket(name) {
      if (state.buckets.has(name)) state.buckets.set(name, 0);
    },
    async deleteBucket(name) {
      if ((state.buckets.get(name) ?? 0) > 0) throw new Error('BucketNotEmpty');
      state.buckets.delete(name);
    },
    hasTable: async (name) => state.tables.has(name),
    deleteTable: async (name) => void state.tables.delete(name),
    hasLogGroup: async (name) => state.logGroups.has(name),
    deleteLogGroup: async (name) => void state.logGroups.delete(name),

    instances: async () => [...state.instances],
    async terminate(instances) {
      // What is still invoked launches again what it misses.
      const launches = [...state.functions].some(
        ([id, one]) => /-(react|sync)$/.test(id) && one.reserved !== 0,
      );
      for (const id of instances) state.instances.delete(id);
      if (launches && instances.length > 0) state.instances.add(`${instances[0]}'`);
    },
    async deletePlacementGroups() {
      if (state.instances.size > 0) throw new Error('InvalidPlacementGroup.InUse');
      state.groups.clear();
    },
  };

  const exists = (name: string) =>
    state.tables.has(name) || state.logGroups.has(name) || state.buckets.has(name);

  /** Packages and deploys to this account alone. */
  const serverless = (stack: string): Serverless => ({
    package: async () => ({
      Table: { Type: 'AWS::DynamoDB::Table' },
      Bucket: { Type: 'AWS::S3::Bucket' },
      JobLogs: { Type: 'AWS::Logs::LogGroup' },
    }),
    async deploy(parameters) {
      const before = state.stacks.get(stack);
      const artifacts = `${stack}-artifacts`;
      for (const [id, { name }] of Object.entries(keptOf(stack)))
        if (exists(name) && before?.resources[id] === undefined)
          throw failed(stack, `${id}: ${name} already exists`);
      const kept = keptOf(stack);
      state.tables.add(kept.Table.name);
      state.logGroups.add(kept.JobLogs.name);
      state.buckets.set(kept.Bucket.name, state.buckets.get(kept.Bucket.name) ?? 0);
      state.buckets.set(artifacts, 1);
      for (const name of ['authorize', 'api', 'react', 'sync'])
        state.functions.set(`${stack}-${name}`, {
          environment: environmentOf(name, parameters),
          // A property that the template does not have is left as it is.
          reserved:
            name === 'api' && parameters['concurrency'] === 'reserved'
              ? 100
              : (state.functions.get(`${stack}-${name}`)?.reserved ?? null),
        });
      state.stacks.set(stack, {
        ...{ status: before === undefined ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE', reason: null },
        outputs: { HttpApiUrl: 'https://api.example', Chosen: parameters['chosen'] ?? '{}' },
        resources: {
          ...Object.fromEntries(Object.entries(kept).map(([id, { name }]) => [id, name])),
          ServerlessDeploymentBucket: artifacts,
        },
      });
    },
  });

  return { state, account, serverless };
}

const idAndName = ({ logicalId, identifier }: TakenIn) => [logicalId, Object.values(identifier)[0] ?? ''];

function keptOf(stack: string) {
  return {
    Table: { type: 'AWS::DynamoDB::Table', name: stack },
    Bucket: { type: 'AWS::S3::Bucket', name: `${stack}-${ACCOUNT}-us-east-1` },
    JobLogs: { type: 'AWS::Logs::LogGroup', name: `/${stack.replace('-', '/')}/jobs` },
  } satisfies Record<string, Resource>;
}

const environmentOf = (name: string, parameters: Parameters): Record<string, string> =>
  name === 'authorize'
    ? { SORTIE_TOKENS: parameters['tokens'] ?? '' }
    : { SORTIE_SUBNETS: parameters['subnets'] ?? '' };

const failed = (stack: string, why: string) => new Refusal(`${stack}: ${why}`, 'the same again');

/** A subnet in each zone, with an internet gateway. */
export function publicNetwork(vpc: string, zones: readonly string[]): Network {
  return {
    subnets: zones.map((zone) => ({
      ...{ id: `subnet-${vpc}-${zone}`, vpc, zone: `us-east-1${zone}` },
      ...{ freeAddresses: 100, givesPublicAddress: true },
    })),
    routeTables: [{ vpc, main: true, subnets: [], defaultRoute: 'igw-1' }],
  };
}
