import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ofType, synthesise, type Template } from './template.ts';

const given = { vpc: 'vpc-0123456789abcdef0', alarmEmail: 'ops@example.com' };
const stacks = new Map<string, Template>();
const stack = (name: string): Template => stacks.get(name) ?? {};

beforeAll(async () => {
  stacks.set('as it is', await synthesise());
  for (const concurrency of ['small', 'shared', 'reserved'])
    stacks.set(concurrency, await synthesise({ ...given, concurrency }));
}, 300_000);

describe('CloudFormation takes it', () => {
  // "SecurityGroupEgress" makes a group one of a VPC, which then has to be named: without it the stack is refused.
  // Source: AWS::EC2::SecurityGroup, VpcId: "Required if you specify egress rules".
  test.each(['as it is', 'small', 'shared', 'reserved'])(
    'a security group with egress rules has a VPC without a condition (%s)',
    (name) => {
      const schema = z.record(z.string(), z.unknown());
      for (const [id, group] of ofType(stack(name), 'AWS::EC2::SecurityGroup', schema)) {
        const egress = 'SecurityGroupEgress' in group ? 'egress' : 'no egress';
        const vpc = JSON.stringify(group['VpcId'] ?? 'none');
        expect([id, egress, vpc]).not.toEqual([id, 'egress', expect.stringMatching(/none|AWS::NoValue/)]);
      }
    },
  );

  test.each(['as it is', 'small'])('each route that is throttled exists before the stage (%s)', (name) => {
    const stage = stack(name)['HttpApiStage'];
    const throttled = Object.keys(
      z.record(z.string(), z.unknown()).parse(stage?.Properties['RouteSettings']),
    );
    const before = (stage?.DependsOn ?? []).map((id) => stack(name)[id]?.Properties['RouteKey']);
    expect(throttled.filter((key) => !before.includes(key))).toEqual([]);
    expect(throttled).not.toEqual([]);
  });

  test('what it names is as long as AWS takes it, for a stage of 20 characters in the region with the longest name', () => {
    const bucket = JSON.stringify(stack('as it is')['Bucket']?.Properties['BucketName']);
    const name = bucket
      .replaceAll('sortie-dev', `sortie-${'s'.repeat(20)}`)
      .replace(/.*"(sortie[^"]*)".*/, '$1')
      .replace('${AWS::AccountId}', '123456789012')
      .replace('${AWS::Region}', 'ap-southeast-1');
    expect(name).toMatch(/^[a-z0-9-]{3,63}$/);
  });

  test('the policies of a role stay below the 10,240 characters that IAM takes', () => {
    const role = z.object({ Policies: z.array(z.object({ PolicyDocument: z.unknown() })) });
    for (const [id, { Policies }] of ofType(stack('as it is'), 'AWS::IAM::Role', role)) {
      const size = Policies.reduce((sum, one) => sum + JSON.stringify(one.PolicyDocument).length, 0);
      expect([id, size]).toEqual([id, expect.toSatisfy((length: number) => length < 9_000)]);
    }
  });
});

describe('removing the stack', () => {
  test('leaves the history, and does not fail for a bucket that is not empty', () => {
    const kept = Object.entries(stack('as it is')).filter(([, one]) => one.DeletionPolicy === 'Retain');
    expect(kept.map(([id, { Type }]) => `${id} ${Type}`).sort()).toEqual([
      'Bucket AWS::S3::Bucket',
      'JobLogs AWS::Logs::LogGroup',
      'Table AWS::DynamoDB::Table',
    ]);
    expect(kept.map(([, one]) => one.UpdateReplacePolicy)).toEqual(['Retain', 'Retain', 'Retain']);
  });

  test('the table is protected, and can be taken back to any second', () => {
    expect(stack('as it is')['Table']?.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });
});

describe('alarms', () => {
  const alarm = z.object({
    Namespace: z.string(),
    MetricName: z.string(),
    Dimensions: z.array(z.object({ Value: z.unknown() })),
    AlarmActions: z.unknown(),
  });

  test('ring for dead letters, for a sync or a refresh that fails, and for a react that lags', () => {
    const alarms = [...ofType(stack('as it is'), 'AWS::CloudWatch::Alarm', alarm).values()];
    expect(
      alarms.map(({ Namespace, MetricName, Dimensions }) => [Namespace, MetricName, Dimensions[0]?.Value]),
    ).toEqual([
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', { 'Fn::GetAtt': ['DeadLetters', 'QueueName'] }],
      ['AWS/Lambda', 'Errors', { Ref: 'SyncLambdaFunction' }],
      ['AWS/Lambda', 'IteratorAge', { Ref: 'ReactLambdaFunction' }],
      ['AWS/Lambda', 'Errors', { Ref: 'RefreshLambdaFunction' }],
    ]);
  });

  test('tell an address only where there is one', () => {
    for (const one of ofType(stack('as it is'), 'AWS::CloudWatch::Alarm', alarm).values())
      expect(one.AlarmActions).toEqual({
        'Fn::If': ['AlarmsMailed', [{ Ref: 'AlarmTopic' }], { Ref: 'AWS::NoValue' }],
      });
    expect(stack('as it is')['AlarmTopic']?.Condition).toBe('AlarmsMailed');
    expect(stack('as it is')['AlarmSubscription']?.Condition).toBe('AlarmsMailed');
  });
});

describe('nothing starves the reports of instances', () => {
  const settings = z.record(
    z.string(),
    z.object({ ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.number() }),
  );
  const throttles = (name: string) =>
    settings.parse(stack(name)['HttpApiStage']?.Properties['RouteSettings']);

  test.each(['small', 'shared', 'reserved'])(
    'every route of a user is throttled, none of an instance (%s)',
    (name) => {
      const route = z.object({ RouteKey: z.string(), AuthorizationType: z.string().default('NONE') });
      const routes = [...ofType(stack(name), 'AWS::ApiGatewayV2::Route', route).values()];
      const ofUsers = routes.filter(({ AuthorizationType }) => AuthorizationType !== 'NONE');
      expect(Object.keys(throttles(name)).sort()).toEqual(ofUsers.map(({ RouteKey }) => RouteKey).sort());
    },
  );

  test('with the 10 executions of a new account, bursts of users, react and publish leave some', () => {
    const mapping = z.object({ ParallelizationFactor: z.number() });
    const factors = [...ofType(stack('small'), 'AWS::Lambda::EventSourceMapping', mapping).values()];
    expect(factors.map(({ ParallelizationFactor }) => ParallelizationFactor)).toEqual([1, 1]);
    for (const { ThrottlingBurstLimit } of Object.values(throttles('small')))
      expect(ThrottlingBurstLimit).toBeLessThanOrEqual(5);
  });

  test('executions are reserved for the API only where the account has them', () => {
    const reserved = (name: string) =>
      [...ofType(stack(name), 'AWS::Lambda::Function', z.record(z.string(), z.unknown()))].flatMap(
        ([id, { ReservedConcurrentExecutions }]) =>
          ReservedConcurrentExecutions === undefined ? [] : [[id, ReservedConcurrentExecutions]],
      );
    expect(reserved('small')).toEqual([]);
    expect(reserved('shared')).toEqual([]);
    expect(reserved('reserved')).toEqual([['ApiLambdaFunction', 100]]);
  });
});
