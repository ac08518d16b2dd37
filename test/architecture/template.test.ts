import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ofType, role, type Statement, statementsOf, synthesise, type Template } from './template.ts';

let resources: Template = {};
beforeAll(async () => {
  resources = await synthesise();
}, 120_000);

/**
 * None of these costs anything while nothing runs, beyond what is stored in them. Functions kept warm would show as
 * an AWS::Lambda::Version or Alias, which are not here.
 */
const idle = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  // $0.10 a month each, the first ten of an account free.
  'AWS::CloudWatch::Alarm',
  'AWS::DynamoDB::Table',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Document',
];

/** Actions whose resources IAM does not name. Source: the service authorization references of EC2, the Price List, DynamoDB, SSM and its messages. */
const withoutResource =
  /^(ec2:Describe\w+|dynamodb:ListStreams|pricing:GetProducts|ssm:(DescribeInstanceInformation|GetCommandInvocation|ListCommandInvocations)|(ssm|ec2)messages:\w+)$/;

describe('nothing runs, nothing costs', () => {
  test('no resource is always on', () => {
    const types = new Set(Object.values(resources).map(({ Type }) => Type));
    expect([...types].filter((type) => !idle.includes(type))).toEqual([]);
  });

  test('the table is paid by request, its indexes as the contracts say, and its stream has new images', () => {
    const [table] = ofType(resources, 'AWS::DynamoDB::Table', z.record(z.string(), z.unknown())).values();
    expect(table).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      GlobalSecondaryIndexes: [
        { IndexName: 'list', Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['view'] } },
        { IndexName: 'work', Projection: { ProjectionType: 'ALL' } },
        { IndexName: 'due', Projection: { ProjectionType: 'KEYS_ONLY' } },
      ],
    });
    expect(JSON.stringify(table)).not.toContain('ProvisionedThroughput');
  });

  test('every log group forgets', () => {
    const groups = ofType(
      resources,
      'AWS::Logs::LogGroup',
      z.object({ RetentionInDays: z.number().max(30) }),
    );
    expect(groups.size).toBe(8);
  });
});

describe('nothing is open', () => {
  test('the security group lets nobody in but its own instances', () => {
    const any = z.record(z.string(), z.unknown());
    const groups = [...ofType(resources, 'AWS::EC2::SecurityGroup', any).entries()];
    expect(groups).toHaveLength(1);
    expect(groups[0]?.[1]).not.toHaveProperty('SecurityGroupIngress');
    const itself = { 'Fn::GetAtt': [groups[0]?.[0], 'GroupId'] };
    const rules = [...ofType(resources, 'AWS::EC2::SecurityGroupIngress', any).values()];
    expect(rules).toMatchObject([{ GroupId: itself, SourceSecurityGroupId: itself }]);
    expect(rules[0]).not.toHaveProperty('CidrIp');
  });

  test('the routes without an authorizer are health, the API description and the reports of instances', () => {
    const routes = ofType(
      resources,
      'AWS::ApiGatewayV2::Route',
      z.object({ RouteKey: z.string(), AuthorizationType: z.string().optional() }),
    );
    const open = [...routes.values()].filter(
      ({ AuthorizationType = 'NONE' }) => AuthorizationType === 'NONE',
    );
    expect(open.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'GET /v1/health',
      'GET /v1/openapi.json',
      'POST /v1/instances/{id}/node',
      'POST /v1/instances/{id}/report',
      'POST /v1/submissions/{id}/report',
    ]);
  });

  test('the bucket is private and encrypted, and forgets', () => {
    const bucket = resources['Bucket']?.Properties;
    expect(bucket?.['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(JSON.stringify(bucket?.['BucketEncryption'])).toContain('AES256');
    expect(bucket?.['LifecycleConfiguration']).toMatchObject({
      Rules: [
        { Prefix: 'submissions/', ExpirationInDays: 2 },
        { Prefix: 'code/', ExpirationInDays: 365 },
        { Prefix: 'catalogue-versions/', ExpirationInDays: 400 },
        { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      ],
    });
  });
});

describe('nobody may more than they need', () => {
  const everyStatement = (): [string, Statement][] =>
    [...ofType(resources, 'AWS::IAM::Role', role)].flatMap(([id, { Policies }]) =>
      Policies.flatMap(({ PolicyDocument }) =>
        PolicyDocument.Statement.map((one): [string, Statement] => [id, one]),
      ),
    );

  test('`*` stands only where IAM names no resource', () => {
    const wide = everyStatement().filter(([, { Resource }]) => Resource.includes('*'));
    const unexplained = wide.flatMap(([id, { Action }]) =>
      Action.filter((action) => !withoutResource.test(action)).map((action) => `${id}: ${action}`),
    );
    expect(unexplained).toEqual([]);
  });

  test('no action is a wildcard', () => {
    const wild = everyStatement().flatMap(([id, { Action }]) =>
      Action.filter((one) => one.includes('*')).map((one) => `${id}: ${one}`),
    );
    expect(wild).toEqual([]);
  });

  test('the API keeps secrets that it may not decrypt, and those who prepare submissions only read them', () => {
    const about = (id: string) =>
      statementsOf(resources, id).flatMap(({ Effect, Action, Resource }) =>
        Action.filter(
          (action) => /^ssm:\w+Parameter/.test(action) && JSON.stringify(Resource).includes('/sortie/dev/'),
        ).map((action) => `${Effect} ${action}`),
      );
    const read = ['Allow ssm:GetParameters'];
    expect(about('ApiRole').sort()).toEqual([
      'Allow ssm:DeleteParameter',
      ...read,
      'Allow ssm:GetParametersByPath',
      'Allow ssm:PutParameter',
    ]);
    expect([about('ReactRole'), about('SyncRole')]).toEqual([read, read]);
    for (const id of ['PublishRole', 'ObserveRole', 'RefreshRole', 'AuthorizeRole'])
      expect([id, about(id)]).toEqual([id, []]);
    const denied = statementsOf(resources, 'ApiRole').filter(({ Effect }) => Effect === 'Deny');
    expect(denied.map(({ Action }) => Action)).toEqual([['kms:Decrypt']]);
  });

  test('each function has a role of its own', () => {
    const schema = z.object({ Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) });
    const roles = [...ofType(resources, 'AWS::Lambda::Function', schema).values()].map(
      ({ Role }) => Role['Fn::GetAtt'][0],
    );
    expect(roles.sort()).toEqual([
      'ApiRole',
      'AuthorizeRole',
      'ObserveRole',
      'PublishRole',
      'ReactRole',
      'RefreshRole',
      'SyncRole',
    ]);
  });

  test('instances are launched, terminated and commanded only with our tag', () => {
    const tagKey = /^(aws:RequestTag|aws:ResourceTag|ssm:resourceTag)\/sortie:deployment$/;
    const scoped = ['ec2:RunInstances', 'ec2:TerminateInstances', 'ssm:SendCommand'];
    const onInstances = everyStatement().filter(
      ([, { Action, Resource }]) =>
        Action.some((action) => scoped.includes(action)) &&
        /:(instance|volume)\//.test(JSON.stringify(Resource)),
    );
    expect(onInstances.length).toBeGreaterThanOrEqual(8);
    for (const [id, { Condition }] of onInstances) {
      const tags = Object.entries(Condition?.['StringEquals'] ?? {}).filter(([key]) => tagKey.test(key));
      expect([id, tags.map(([, value]) => value)]).toEqual([id, ['sortie-dev']]);
    }
  });

  test('placement groups are made, used and deleted only under our name and with our tag', () => {
    const scoped = everyStatement().filter(([, { Resource }]) =>
      JSON.stringify(Resource).includes(':placement-group/'),
    );
    expect(scoped.flatMap(([, { Action }]) => Action).sort()).toEqual(
      ['CreatePlacementGroup', 'CreateTags', 'DeletePlacementGroup', 'RunInstances'].flatMap((action) =>
        Array(2).fill(`ec2:${action}`),
      ),
    );
    for (const [id, { Action, Resource, Condition }] of scoped) {
      expect([id, JSON.stringify(Resource)]).toEqual([
        id,
        expect.stringContaining('placement-group/sortie-dev-*'),
      ]);
      if (Action.includes('ec2:CreateTags')) continue;
      expect([id, Object.values(Condition?.['StringEquals'] ?? {})]).toEqual([id, ['sortie-dev']]);
    }
  });

  test('tags are set only while launching, afterwards only the user’s own, and the role is passed only to EC2', () => {
    const conditions = (action: string) =>
      everyStatement()
        .filter(([, { Action }]) => Action.includes(action))
        .map(([, { Condition }]) => Condition);
    const tagging = { StringEquals: { 'ec2:CreateAction': 'RunInstances' } };
    const passing = { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } };
    const grouping = { StringEquals: { 'ec2:CreateAction': 'CreatePlacementGroup' } };
    const anew = {
      StringEquals: { 'aws:ResourceTag/sortie:deployment': 'sortie-dev' },
      'ForAllValues:StringNotLike': { 'aws:TagKeys': ['sortie:*'] },
    };
    expect(conditions('ec2:CreateTags')).toEqual([tagging, anew, grouping, tagging, anew, grouping]);
    expect(conditions('ec2:DeleteTags')).toEqual([anew, anew]);
    expect(conditions('iam:PassRole')).toEqual([passing, passing]);
  });

  test('only `react` and `sync` may touch EC2, and `refresh` may look', () => {
    const mayEc2 = (id: string) =>
      statementsOf(resources, id).some(({ Action }) =>
        Action.some((one) => one.startsWith('ec2:') && !one.startsWith('ec2:Describe')),
      );
    expect(
      [
        'ApiRole',
        'AuthorizeRole',
        'ObserveRole',
        'PublishRole',
        'ReactRole',
        'RefreshRole',
        'SyncRole',
      ].filter(mayEc2),
    ).toEqual(['ReactRole', 'SyncRole']);
  });

  test('a node, and so a job, can talk to SSM and do nothing else', () => {
    const actions = statementsOf(resources, 'NodeRole').flatMap(({ Action }) => Action);
    expect(actions.filter((action) => !/^(ssmmessages|ec2messages):/.test(action))).toEqual([
      'ssm:UpdateInstanceInformation',
    ]);
  });
});

describe('nothing is retried for ever, nor lost in silence', () => {
  const arn = z.object({ 'Fn::GetAtt': z.tuple([z.literal('DeadLetters'), z.literal('Arn')]) });
  const mapping = z.object({
    MaximumRetryAttempts: z.number().min(1).max(1_000),
    MaximumRecordAgeInSeconds: z.number().max(86_400),
    BisectBatchOnFunctionError: z.literal(true),
    FunctionResponseTypes: z.tuple([z.literal('ReportBatchItemFailures')]),
    DestinationConfig: z.object({ OnFailure: z.object({ Destination: arn }) }),
    FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }),
  });

  test('both readers of the stream are bounded, bisect, answer by record, and have a dead-letter queue', () => {
    const mappings = ofType(resources, 'AWS::Lambda::EventSourceMapping', mapping);
    // What `publish` is given it deals with itself, after five minutes, in order to say which commits those were.
    const attempts = [...mappings.values()].map(({ MaximumRetryAttempts }) => MaximumRetryAttempts);
    expect(attempts.sort((a, b) => a - b)).toEqual([5, 1_000]);
  });

  test('publish reads all commits, react those from which something follows', () => {
    const Keys = { sk: { S: [{ 'anything-but': ['head'] }] } };
    const NewImage = { rests: { BOOL: [{ exists: false }] } };
    const filters = new Map(
      [...ofType(resources, 'AWS::Lambda::EventSourceMapping', mapping)].map(([id, { FilterCriteria }]) => [
        id.startsWith('React') ? 'react' : 'publish',
        FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown),
      ]),
    );
    expect(Object.fromEntries(filters)).toEqual({
      publish: [{ eventName: ['INSERT'], dynamodb: { Keys } }],
      react: [{ eventName: ['INSERT'], dynamodb: { Keys, NewImage } }],
    });
  });

  test('whoever reads the stream may send what it gives up on to the queue', () => {
    for (const id of ['ReactRole', 'PublishRole', 'ObserveRole']) {
      const sends = statementsOf(resources, id).filter(({ Action }) => Action.includes('sqs:SendMessage'));
      expect(sends.map(({ Resource }) => Resource)).toEqual([[{ 'Fn::GetAtt': ['DeadLetters', 'Arn'] }]]);
    }
  });

  test('the API may look after the queue, and no other one', () => {
    const may = statementsOf(resources, 'ApiRole').filter(({ Action }) =>
      Action.some((one) => one.startsWith('sqs:')),
    );
    expect(may.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [
        ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
        [{ 'Fn::GetAtt': ['DeadLetters', 'Arn'] }],
      ],
    ]);
  });

  test('the rules of `observe` have a dead-letter queue that takes their word', () => {
    const target = z.object({ DeadLetterConfig: z.object({ Arn: arn }), RetryPolicy: z.object({}) });
    const rules = Object.values(resources).filter(
      ({ Type, Properties }) => Type === 'AWS::Events::Rule' && Properties['EventPattern'],
    );
    expect(rules).toHaveLength(2);
    for (const { Properties } of rules) {
      expect(z.array(target).min(1).safeParse(Properties['Targets']).error).toBeUndefined();
      expect(Properties['Name']).toMatch(/^sortie-dev-observe-rule-\d$/);
    }
    const policy = JSON.stringify(resources['DeadLettersPolicy']?.Properties);
    expect(policy).toContain('rule/sortie-dev-observe-rule-*');
  });
});
