import * as z from 'zod';
import type { Request } from '../requests/recorded.ts';
import { place } from './deployed-roles.ts';

const { region, account } = place;
const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
const ec2 = (resource: string) => arn('ec2', resource);

export interface Needed {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

const needed = (action: string, resource: string, context: Needed['context'] = {}): Needed => ({
  action,
  resource,
  context,
});

/**
 * The permissions that a request needs; a launch passes `nodeRole` to EC2. Throws for an operation that is not here.
 * Source: the service authorization reference, https://docs.aws.amazon.com/service-authorization/latest/reference/,
 * and for transactions https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html.
 */
export function neededBy({ service, operation, input }: Request, nodeRole: string): Needed[] {
  switch (service) {
    case 'DynamoDB':
      return ofDynamo(operation, input);
    case 'EC2':
      return ofEc2(operation, input, nodeRole);
    case 'Pricing':
      return [needed(`pricing:${operation}`, '*')];
    case 'SSM':
      return ofSsm(operation, input);
    case 'S3': {
      const { Bucket, Key } = z.object({ Bucket: z.string(), Key: z.string() }).parse(input);
      const own = needed(`s3:${operation}`, `arn:aws:s3:::${Bucket}/${Key}`);
      // Without it S3 answers 403 to a key that is not there. Only who reads a run's secrets asks whether they are there.
      const asksWhetherThere = operation === 'GetObject' && Key.startsWith('runs/');
      return asksWhetherThere ? [own, needed('s3:ListBucket', `arn:aws:s3:::${Bucket}`)] : [own];
    }
    case 'CloudWatchLogs': {
      const { logGroupName, logStreamName } = z
        .object({ logGroupName: z.string(), logStreamName: z.string() })
        .parse(input);
      // A stream that is made does not exist yet, so IAM is asked for its group.
      const stream = operation === 'CreateLogStream' ? '*' : `log-stream:${logStreamName}`;
      return [needed(`logs:${operation}`, arn('logs', `log-group:${logGroupName}:${stream}`))];
    }
    case 'SQS': {
      const { QueueUrl } = z.object({ QueueUrl: z.url() }).parse(input);
      return [needed(`sqs:${operation}`, arn('sqs', new URL(QueueUrl).pathname.split('/').at(-1) ?? ''))];
    }
    case 'EventBridge': {
      const { Entries } = z.object({ Entries: z.array(z.object({ EventBusName: z.string() })) }).parse(input);
      return Entries.map(({ EventBusName }) =>
        needed(`events:${operation}`, arn('events', `event-bus/${EventBusName}`)),
      );
    }
    default:
      throw new Error(`which permissions does ${service}:${operation} need?`);
  }
}

const Attributes = z.record(z.string(), z.unknown());
const Keyed = z.object({ TableName: z.string(), Key: Attributes });
const Put = z.object({ TableName: z.string(), Item: Attributes });
const Transaction = z.object({
  TransactItems: z.array(
    z.object({
      Put: Put.optional(),
      Update: Keyed.optional(),
      Delete: Keyed.optional(),
      ConditionCheck: Keyed.optional(),
    }),
  ),
});

function ofDynamo(operation: string, input: unknown): Needed[] {
  const onTable = (action: string, table: string, key: Readonly<Record<string, unknown>>) =>
    needed(`dynamodb:${action}`, arn('dynamodb', `table/${table}`), {
      'dynamodb:LeadingKeys': [partitionOf(key)],
    });
  switch (operation) {
    case 'TransactWriteItems':
      return Transaction.parse(input).TransactItems.flatMap(({ Put, Update, Delete, ConditionCheck }) => [
        ...(Put ? [onTable('PutItem', Put.TableName, Put.Item)] : []),
        ...(Update ? [onTable('UpdateItem', Update.TableName, Update.Key)] : []),
        ...(Delete ? [onTable('DeleteItem', Delete.TableName, Delete.Key)] : []),
        ...(ConditionCheck
          ? [onTable('ConditionCheckItem', ConditionCheck.TableName, ConditionCheck.Key)]
          : []),
      ]);
    case 'BatchGetItem': {
      const { RequestItems } = z
        .object({ RequestItems: z.record(z.string(), z.object({ Keys: z.array(Attributes) })) })
        .parse(input);
      return Object.entries(RequestItems).flatMap(([table, { Keys }]) =>
        Keys.map((key) => onTable(operation, table, key)),
      );
    }
    case 'Query': {
      const { TableName, IndexName } = z
        .object({ TableName: z.string(), IndexName: z.string().optional() })
        .parse(input);
      const index = IndexName === undefined ? '' : `/index/${IndexName}`;
      return [needed('dynamodb:Query', arn('dynamodb', `table/${TableName}${index}`))];
    }
    case 'PutItem': {
      const { TableName, Item } = Put.parse(input);
      return [onTable(operation, TableName, Item)];
    }
    case 'GetItem':
    case 'UpdateItem': {
      const { TableName, Key } = Keyed.parse(input);
      return [onTable(operation, TableName, Key)];
    }
    default:
      throw new Error(`which permissions does DynamoDB:${operation} need?`);
  }
}

/** The kind of stream is what policies tell apart; ids would only make the same question many. */
const partitionOf = ({ pk }: Readonly<Record<string, unknown>>): string =>
  z.object({ S: z.string() }).parse(pk).S.replace(/-.*$/, '-x');

const Tags = z.array(z.object({ Key: z.string(), Value: z.string() }));
const Specifications = z.array(z.object({ ResourceType: z.string(), Tags })).default([]);
const Launch = z.object({
  ImageId: z.string(),
  InstanceType: z.string(),
  SecurityGroupIds: z.array(z.string()),
  SubnetId: z.string().default('subnet-0123456789abcdef0'),
  MetadataOptions: z.object({ HttpTokens: z.string() }),
  Placement: z.object({ GroupName: z.string().optional() }).default({}),
  InstanceMarketOptions: z.object({ MarketType: z.string() }).optional(),
  TagSpecifications: Specifications,
});
const tagged = (tags: z.infer<typeof Tags> = []) =>
  Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value]));

function ofEc2(operation: string, input: unknown, nodeRole: string): Needed[] {
  if (operation.startsWith('Describe')) return [needed(`ec2:${operation}`, '*')];
  switch (operation) {
    case 'RunInstances': {
      const launch = Launch.parse(input);
      const tagsOf = (type: string) =>
        tagged(launch.TagSpecifications.find(({ ResourceType }) => ResourceType === type)?.Tags);
      const parameter = /^resolve:ssm:(.*)$/.exec(launch.ImageId)?.[1];
      const image = parameter === undefined ? launch.ImageId : 'ami-0123456789abcdef0';
      const group = launch.Placement.GroupName;
      const may = (resource: string, context: Needed['context'] = {}) =>
        needed('ec2:RunInstances', resource, context);
      return [
        may(ec2('instance/*'), {
          ...tagsOf('instance'),
          'ec2:MetadataHttpTokens': launch.MetadataOptions.HttpTokens,
          'ec2:InstanceType': launch.InstanceType,
        }),
        may(ec2('volume/*'), tagsOf('volume')),
        may(ec2('network-interface/*')),
        may(ec2(`subnet/${launch.SubnetId}`)),
        may(`arn:aws:ec2:${region}::image/${image}`),
        ...launch.SecurityGroupIds.map((id) => may(ec2(`security-group/${id}`))),
        ...(launch.InstanceMarketOptions?.MarketType === 'spot'
          ? [may(ec2('spot-instances-request/*'))]
          : []),
        ...(group === undefined
          ? []
          : [may(ec2(`placement-group/${group}`), { 'aws:ResourceTag/sortie:deployment': deployment })]),
        ...launch.TagSpecifications.map(({ ResourceType, Tags }) =>
          needed('ec2:CreateTags', ec2(`${ResourceType}/*`), {
            ...tagged(Tags),
            'ec2:CreateAction': operation,
          }),
        ),
        needed('iam:PassRole', nodeRole, { 'iam:PassedToService': 'ec2.amazonaws.com' }),
        ...(parameter === undefined
          ? []
          : [needed('ssm:GetParameters', `arn:aws:ssm:${region}::parameter${parameter}`)]),
      ];
    }
    case 'TerminateInstances': {
      const { InstanceIds } = z.object({ InstanceIds: z.array(z.string()) }).parse(input);
      return InstanceIds.map((id) =>
        needed(`ec2:${operation}`, ec2(`instance/${id}`), {
          'aws:ResourceTag/sortie:deployment': deployment,
        }),
      );
    }
    case 'CreateTags':
    case 'DeleteTags': {
      const { Resources, Tags } = z
        .object({ Resources: z.array(z.string()), Tags: z.array(z.object({ Key: z.string() })) })
        .parse(input);
      return Resources.map((id) =>
        needed(`ec2:${operation}`, ec2(`instance/${id}`), {
          'aws:ResourceTag/sortie:deployment': deployment,
          'aws:TagKeys': Tags.map(({ Key }) => Key),
        }),
      );
    }
    case 'CreatePlacementGroup': {
      const { GroupName, TagSpecifications } = z
        .object({ GroupName: z.string(), TagSpecifications: Specifications })
        .parse(input);
      const tags = tagged(TagSpecifications[0]?.Tags);
      const group = ec2(`placement-group/${GroupName}`);
      return [
        needed(`ec2:${operation}`, group, tags),
        needed('ec2:CreateTags', group, { ...tags, 'ec2:CreateAction': operation }),
      ];
    }
    case 'DeletePlacementGroup': {
      const { GroupName } = z.object({ GroupName: z.string() }).parse(input);
      const tags = { 'aws:ResourceTag/sortie:deployment': deployment };
      return [needed(`ec2:${operation}`, ec2(`placement-group/${GroupName}`), tags)];
    }
    default:
      throw new Error(`which permissions does EC2:${operation} need?`);
  }
}

const deployment = `sortie-${place.stage}`;

const parameter = (name: string) => arn('ssm', `parameter${name}`);

// A SecureString under the key `aws/ssm` needs nothing of KMS: its key policy lets whoever may read a parameter use it.
function ofSsm(operation: string, input: unknown): Needed[] {
  switch (operation) {
    case 'PutParameter':
    case 'DeleteParameter': {
      const { Name } = z.object({ Name: z.string() }).parse(input);
      return [needed(`ssm:${operation}`, parameter(Name))];
    }
    case 'GetParameters': {
      const { Names } = z.object({ Names: z.array(z.string()) }).parse(input);
      return Names.map((name) => needed(`ssm:${operation}`, parameter(name)));
    }
    case 'GetParametersByPath': {
      const { Path } = z.object({ Path: z.string() }).parse(input);
      return [needed(`ssm:${operation}`, parameter(Path))];
    }
  }
  if (operation !== 'SendCommand') return [needed(`ssm:${operation}`, '*')];
  const { DocumentName, InstanceIds } = z
    .object({ DocumentName: z.string(), InstanceIds: z.array(z.string()) })
    .parse(input);
  return [
    needed('ssm:SendCommand', arn('ssm', `document/${DocumentName}`)),
    ...InstanceIds.map((id) =>
      needed('ssm:SendCommand', ec2(`instance/${id}`), { 'ssm:resourceTag/sortie:deployment': deployment }),
    ),
  ];
}
