import type { Call } from './call.ts';
import { type Deployed, place } from './deployed-roles.ts';

const { region, account } = place;

/** The permissions that no request of an adapter needs: of Lambda itself, in the role of a function, and of nodes. */
export function beyondRequests({ functions }: Deployed): Call[] {
  const ofLambda = [...functions].flatMap(([name, { role, streams, deadLetters }]) => [
    ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
      role,
      action,
      resource: `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/${name}:log-stream:2026/11/28/[$LATEST]0123`,
      context: {},
    })),
    // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    ...streams.flatMap((resource) =>
      ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => ({
        role,
        action: `dynamodb:${action}`,
        resource,
        context: {},
      })),
    ),
    ...streams.map(() => ({ role, action: 'dynamodb:ListStreams', resource: '*', context: {} })),
    ...deadLetters.map((resource) => ({ role, action: 'sqs:SendMessage', resource, context: {} })),
  ]);
  // An account's first spot launch makes the role, with the rights of whoever launches:
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html
  const firstSpotLaunch = ['ReactRole', 'SyncRole'].map((role) => ({
    role,
    action: 'iam:CreateServiceLinkedRole',
    resource: `arn:aws:iam::${account}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot`,
    context: { 'iam:AWSServiceName': 'spot.amazonaws.com' },
  }));
  // https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
  const messages = [
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
    'ec2messages:AcknowledgeMessage',
    'ec2messages:DeleteMessage',
    'ec2messages:FailMessage',
    'ec2messages:GetEndpoint',
    'ec2messages:GetMessages',
    'ec2messages:SendReply',
  ];
  return [
    ...ofLambda,
    ...firstSpotLaunch,
    {
      role: 'NodeRole',
      action: 'ssm:UpdateInstanceInformation',
      resource: `arn:aws:ec2:${region}:${account}:instance/i-0123456789abcdef0`,
      context: {},
    },
    ...messages.map((action) => ({ role: 'NodeRole', action, resource: '*', context: {} })),
  ];
}
