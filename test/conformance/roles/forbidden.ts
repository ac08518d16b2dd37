import type { Call } from './call.ts';
import { type Deployed, place } from './deployed-roles.ts';

const { region, account, stage } = place;
const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
const ours = `sortie-${stage}`;
const instance = arn('ec2', 'instance/i-0123456789abcdef0');

type Forbidden = Omit<Call, 'role'>;
const never = (action: string, resource: string, context: Call['context'] = {}): Forbidden => ({
  action,
  resource,
  context,
});

/** What no role may do, whatever its function is for. */
export function forbiddenToAll({ arnOf, ref }: Deployed): Forbidden[] {
  const table = arnOf('Table');
  const launch = (context: Call['context']) => never('ec2:RunInstances', arn('ec2', 'instance/*'), context);
  const node = arnOf('NodeRole');
  return [
    // The record: nothing is deleted or read as a whole, and other tables are others'.
    ...['DeleteItem', 'Scan', 'DeleteTable', 'UpdateTable', 'BatchWriteItem', 'PartiQLDelete'].map((action) =>
      never(`dynamodb:${action}`, table),
    ),
    ...['GetItem', 'PutItem', 'UpdateItem', 'Query'].map((action) =>
      never(`dynamodb:${action}`, arn('dynamodb', 'table/another'), { 'dynamodb:LeadingKeys': ['Tally-x'] }),
    ),
    // Secrets: of other buckets, and of our own outside the two folders.
    ...['GetObject', 'PutObject', 'DeleteObject'].flatMap((action) => [
      never(`s3:${action}`, 'arn:aws:s3:::another/runs/x/sealed.json'),
      never(`s3:${action}`, `arn:aws:s3:::${ref('Bucket')}/elsewhere`),
    ]),
    ...['DeleteBucket', 'PutBucketPolicy', 'PutBucketPublicAccessBlock'].map((action) =>
      never(`s3:${action}`, `arn:aws:s3:::${ref('Bucket')}`),
    ),
    never('secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:any-AbCdEf')),
    ...['GetParameter', 'GetParameters', 'GetParametersByPath', 'PutParameter'].map((action) =>
      never(`ssm:${action}`, arn('ssm', 'parameter/theirs')),
    ),
    never('ssm:GetParameters', arn('ssm', 'parameter/sortie/another/main/secrets/TOKEN')),
    never('kms:Decrypt', arn('kms', 'key/01234567-89ab-cdef-0123-456789abcdef')),
    // Rights: none can be made, widened or borrowed.
    ...['CreateRole', 'AttachRolePolicy', 'PutRolePolicy', 'UpdateAssumeRolePolicy', 'DeleteRole'].map(
      (action) => never(`iam:${action}`, node),
    ),
    never('iam:CreateUser', `arn:aws:iam::${account}:user/somebody`),
    never('iam:CreateAccessKey', `arn:aws:iam::${account}:user/somebody`),
    never('iam:PassRole', `arn:aws:iam::${account}:role/Administrator`, {
      'iam:PassedToService': 'ec2.amazonaws.com',
    }),
    never('iam:PassRole', node, { 'iam:PassedToService': 'lambda.amazonaws.com' }),
    never(
      'iam:CreateServiceLinkedRole',
      `arn:aws:iam::${account}:role/aws-service-role/ecs.amazonaws.com/x`,
      {
        'iam:AWSServiceName': 'ecs.amazonaws.com',
      },
    ),
    never('sts:AssumeRole', `arn:aws:iam::${account}:role/Administrator`),
    // Instances: only with our tag and without the first version of the metadata service; others' are left alone.
    launch({ 'ec2:MetadataHttpTokens': 'required' }),
    launch({ 'aws:RequestTag/sortie:deployment': 'another', 'ec2:MetadataHttpTokens': 'required' }),
    launch({ 'aws:RequestTag/sortie:deployment': ours, 'ec2:MetadataHttpTokens': 'optional' }),
    never('ec2:RunInstances', arn('ec2', 'security-group/sg-00000000000000000')),
    never('ec2:RunInstances', arn('ec2', 'key-pair/theirs')),
    ...[{}, { 'aws:ResourceTag/sortie:deployment': 'another' }].flatMap((tags) => [
      never('ec2:TerminateInstances', instance, tags),
      never('ec2:DeletePlacementGroup', arn('ec2', `placement-group/${ours}-x`), tags),
    ]),
    ...['StopInstances', 'ModifyInstanceAttribute', 'GetPasswordData'].map((action) =>
      never(`ec2:${action}`, instance, { 'aws:ResourceTag/sortie:deployment': ours }),
    ),
    never('ec2:DeletePlacementGroup', arn('ec2', 'placement-group/theirs'), {
      'aws:ResourceTag/sortie:deployment': ours,
    }),
    never('ec2:CreateTags', instance, { 'aws:RequestTag/sortie:deployment': ours }),
    ...['CreateTags', 'DeleteTags'].flatMap((action) => [
      never(`ec2:${action}`, instance, {
        'aws:ResourceTag/sortie:deployment': 'another',
        'aws:TagKeys': ['team'],
      }),
      never(`ec2:${action}`, instance, {
        'aws:ResourceTag/sortie:deployment': ours,
        'aws:TagKeys': ['team', 'sortie:nonce'],
      }),
    ]),
    never('ec2:AuthorizeSecurityGroupIngress', arn('ec2', `security-group/${ref('NodeSecurityGroup')}`)),
    // Commands: our documents, on our instances.
    never('ssm:SendCommand', `arn:aws:ssm:${region}::document/AWS-RunShellScript`),
    never('ssm:SendCommand', arn('ssm', 'document/theirs')),
    ...[{}, { 'ssm:resourceTag/sortie:deployment': 'another' }].map((tags) =>
      never('ssm:SendCommand', instance, tags),
    ),
    never('ssm:StartSession', instance, { 'ssm:resourceTag/sortie:deployment': ours }),
    never('ssm:UpdateDocument', arn('ssm', `document/${ref('StartJob')}`)),
    // What else an account has.
    never('sqs:SendMessage', arn('sqs', 'another')),
    never('sqs:PurgeQueue', arnOf('DeadLetters')),
    never('events:PutEvents', arn('events', 'event-bus/default')),
    never('events:PutRule', arn('events', 'rule/any')),
    never('logs:GetLogEvents', arn('logs', 'log-group:/theirs:log-stream:x')),
    never('logs:DeleteLogGroup', arnOf('JobLogs').replace(/:\*$/, '')),
    never('lambda:InvokeFunction', arn('lambda', `function:${ours}-react`)),
    never('lambda:UpdateFunctionCode', arn('lambda', `function:${ours}-react`)),
    never('cloudformation:DeleteStack', arn('cloudformation', `stack/${ours}/x`)),
  ];
}

/** What a job on an instance could do with the role of its node, if it got at it: nothing of the functions'. */
export function forbiddenToNodes({ arnOf, ref }: Deployed): Forbidden[] {
  const tags = { 'aws:ResourceTag/sortie:deployment': ours };
  return [
    ...['GetItem', 'PutItem', 'Query'].map((action) => never(`dynamodb:${action}`, arnOf('Table'))),
    ...['GetObject', 'PutObject'].flatMap((action) => [
      never(`s3:${action}`, `arn:aws:s3:::${ref('Bucket')}/runs/x/sealed.json`),
      never(`s3:${action}`, `arn:aws:s3:::${ref('Bucket')}/submissions/x/bundle.json`),
    ]),
    never('s3:ListBucket', `arn:aws:s3:::${ref('Bucket')}`),
    never('ec2:TerminateInstances', instance, tags),
    never('ec2:DescribeInstances', '*'),
    never('ssm:SendCommand', arn('ssm', `document/${ref('StartJob')}`)),
    never('ssm:SendCommand', instance, { 'ssm:resourceTag/sortie:deployment': ours }),
    never('ssm:GetParameters', `arn:aws:ssm:${region}::parameter/aws/service/any`),
    never('logs:PutLogEvents', arn('logs', 'log-group:/any:log-stream:x')),
    never('sqs:SendMessage', arnOf('DeadLetters')),
    never('events:PutEvents', arnOf('Bus')),
    never('iam:PassRole', arnOf('NodeRole'), { 'iam:PassedToService': 'ec2.amazonaws.com' }),
  ];
}
