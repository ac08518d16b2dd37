import {
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type RouteTable as Ec2RouteTable,
  type Filter,
} from '@aws-sdk/client-ec2';
import {
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account, Network, RouteTable } from './account.ts';
import { instancesOn } from './aws-instances.ts';
import { stacksOn } from './aws-stacks.ts';
import { storesOn } from './aws-stores.ts';
import { existing, NO_RESOURCE } from './existing.ts';
import type { Asked } from './refusal.ts';

/** Settings of every client: the SDK looks for credentials where the AWS CLI does. */
export interface Settings {
  readonly region: string;
  readonly profile?: string;
}

/** As asked, else as the environment and the profile say; us-east-1 where nobody does. */
export async function regionOf(asked: {
  readonly region?: string;
  readonly profile?: string;
}): Promise<string> {
  if (asked.region !== undefined) return asked.region;
  const client = new STSClient({ ...(asked.profile !== undefined && { profile: asked.profile }) });
  try {
    return await client.config.region();
  } catch {
    // The SDK's word for: named nowhere.
    return 'us-east-1';
  } finally {
    client.destroy();
  }
}

export function awsAccount({ region, profile }: Asked): Account {
  const settings: Settings = { region, ...(profile !== undefined && { profile }) };
  const sts = new STSClient(settings);
  const ec2 = new EC2Client(settings);
  const lambda = new LambdaClient(settings);

  return {
    ...stacksOn(settings),
    ...storesOn(settings),
    ...instancesOn(ec2),

    async whoAmI() {
      const { Account: account = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
      return { account, arn };
    },

    async defaultVpc() {
      const { Vpcs: vpcs = [] } = await ec2.send(
        new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }),
      );
      return vpcs[0]?.VpcId ?? null;
    },

    async network(of): Promise<Network> {
      const { Subnets: subnets = [] } = await ec2.send(
        new DescribeSubnetsCommand(
          'vpc' in of ? { Filters: vpcFilter([of.vpc]) } : { SubnetIds: [...of.subnets] },
        ),
      );
      const vpcs = [...new Set(subnets.flatMap(({ VpcId }) => VpcId ?? []))];
      const { RouteTables: tables = [] } =
        vpcs.length === 0 ? {} : await ec2.send(new DescribeRouteTablesCommand({ Filters: vpcFilter(vpcs) }));
      return {
        subnets: subnets.map((subnet) => ({
          id: subnet.SubnetId ?? '',
          vpc: subnet.VpcId ?? '',
          zone: subnet.AvailabilityZone ?? '',
          freeAddresses: subnet.AvailableIpAddressCount ?? 0,
          givesPublicAddress: subnet.MapPublicIpOnLaunch ?? false,
        })),
        routeTables: tables.map(routeTable),
      };
    },

    async concurrency() {
      const { AccountLimit: limit = {} } = await lambda.send(new GetAccountSettingsCommand({}));
      return {
        limit: limit.ConcurrentExecutions ?? 0,
        unreserved: limit.UnreservedConcurrentExecutions ?? 0,
      };
    },

    async reserved(FunctionName) {
      const answer = await existing(
        NO_RESOURCE,
        lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })),
      );
      return answer?.ReservedConcurrentExecutions ?? null;
    },

    async reserve(FunctionName, executions) {
      await existing<unknown>(
        NO_RESOURCE,
        executions === null
          ? lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
          : lambda.send(
              new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: executions }),
            ),
      );
    },

    async invoke(FunctionName) {
      const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName }));
      return FunctionError === undefined
        ? null
        : Buffer.from(Payload ?? [])
            .toString()
            .slice(0, MOST_SHOWN);
    },

    async environment(FunctionName) {
      const answer = await existing(
        NO_RESOURCE,
        lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
      );
      return answer === null ? null : (answer.Environment?.Variables ?? {});
    },
  };
}

/** Characters of what a function said. */
const MOST_SHOWN = 500;

const vpcFilter = (vpcs: readonly string[]): Filter[] => [{ Name: 'vpc-id', Values: [...vpcs] }];

function routeTable({ VpcId, Associations = [], Routes = [] }: Ec2RouteTable): RouteTable {
  const route = Routes.find(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );
  return {
    vpc: VpcId ?? '',
    main: Associations.some(({ Main }) => Main === true),
    subnets: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
    defaultRoute:
      route?.GatewayId ??
      route?.NatGatewayId ??
      route?.TransitGatewayId ??
      route?.NetworkInterfaceId ??
      route?.InstanceId ??
      null,
  };
}
