import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Account } from '../../../infra/deployment/account.ts';
import { awsAccount } from '../../../infra/deployment/aws-account.ts';
import { deploy, planDeployment } from '../../../infra/deployment/deploy.ts';
import { remainsOf, remove } from '../../../infra/deployment/remove.ts';
import { osls } from '../../../infra/deployment/serverless.ts';
import type { Check } from '../check.ts';
import { startMoto } from '../tools/moto-server.ts';
import { pinned, pythonPrograms } from '../tools/python.ts';

const program = fileURLToPath(new URL('./moto_with_stand_ins.py', import.meta.url));
const place = { stage: 'check', region: 'us-east-1' } as const;
const stack = 'sortie-check';
const silent = () => {};

/** `sortie deploy`, its update, `sortie remove` and `sortie deploy` after it, at an AWS that others wrote. */
export const deployment: Check = {
  name: 'deployment',
  async run() {
    const server = await startMoto(join(await pythonPrograms(), 'python'), [program]);
    // serverless, which is a process of its own, and the SDK here read the same.
    Object.assign(process.env, {
      ...{
        AWS_ENDPOINT_URL: server.endpoint,
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
      },
      AWS_REGION: place.region,
    });
    try {
      const account = awsAccount({ region: place.region, profile: undefined });
      // moto runs functions in containers, of images that are not here.
      const findings = await fromFirstToLast({ ...account, invoke: async () => null });
      return {
        checked: `moto ${pinned('moto')}, with stand-ins: deployed three times, removed twice`,
        findings,
      };
    } finally {
      for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'])
        delete process.env[name];
      await server.stop();
    }
  },
};

async function fromFirstToLast(account: Account): Promise<string[]> {
  const findings: string[] = [];
  const expect = (found: unknown, wanted: unknown, what: string) => {
    const [is, shouldBe] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (is !== shouldBe) findings.push(`${what}: ${is}, where ${shouldBe} was expected`);
  };
  const deployed = async (parameters: Record<string, string> = {}) => {
    const plan = await planDeployment(account, {
      ...{ ...place, parameters, token: 'a token', user: 'ann', machine: 'here' },
      ...{ admitted: new Map<string, string>(), revoked: [] },
    });
    await deploy(account, osls(place, process.env), [], plan, silent);
    return plan;
  };
  const removed = async (deleteHistory: boolean) => {
    await remove(
      account,
      await remainsOf(account, place.stage, place.region),
      { deleteHistory, every: 1 },
      silent,
    );
    const {
      stack: left,
      instances,
      bucket,
      table,
      logGroup,
    } = await remainsOf(account, place.stage, place.region);
    expect([left, instances, bucket], [null, [], false], 'after removal there are stack, instances, bucket');
    expect([table, logGroup], [!deleteHistory, !deleteHistory], 'after removal there are table, log group');
  };

  await aWayOut(account);
  expect((await deployed()).kind, 'new', 'the first deployment');
  const { chosen } = await deployed({ fleetInstances: '40' });
  const react = await account.environment(`${stack}-react`);
  expect(react?.['SORTIE_FLEET_INSTANCES'], chosen['fleetInstances'], 'the update sets fleetInstances');
  const { parameters } = await deployed();
  expect(parameters['fleetInstances'], '40', 'the next update keeps fleetInstances');

  const dynamodb = new DynamoDBClient(place);
  await dynamodb.send(
    new PutItemCommand({ TableName: stack, Item: { pk: { S: 'Run-1' }, sk: { S: 'head' } } }),
  );
  await aUsedBucketAndInstance(account, parameters['subnets'] ?? '');
  await removed(false);
  const { takesBack } = await deployed();
  expect(takesBack, [stack, '/sortie/check/jobs'], 'taken back');
  const { Count: items } = await dynamodb.send(new ScanCommand({ TableName: stack }));
  expect(items, 1, 'items of the table that was taken back');
  await removed(true);
  return findings;
}

/** moto's default VPC has no internet gateway. */
async function aWayOut(account: Account): Promise<void> {
  const ec2 = new EC2Client(place);
  const VpcId = (await account.defaultVpc()) ?? '';
  const { InternetGateway: gateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = gateway?.InternetGatewayId ?? '';
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId }));
  const { RouteTables: [table] = [] } = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }),
  );
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId: table?.RouteTableId,
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId,
    }),
  );
}

async function aUsedBucketAndInstance(account: Account, subnets: string): Promise<void> {
  const { account: id } = await account.whoAmI();
  await account
    .objects(`${stack}-${id}-${place.region}`)
    .write('runs/1', Buffer.from('{}'), 'application/json');
  await new EC2Client(place).send(
    new RunInstancesCommand({
      ...{ ImageId: 'ami-12c6146b', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 },
      SubnetId: subnets.split(',')[0]?.split('=')[1],
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'sortie:deployment', Value: stack }] }],
    }),
  );
}
