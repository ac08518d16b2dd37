import { randomUUID } from 'node:crypto';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateSecurityGroupCommand,
  DescribeImagesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';

const endpoint = process.env['SORTIE_DYNAMODB_ENDPOINT'];
if (endpoint === undefined) throw new Error('SORTIE_DYNAMODB_ENDPOINT says where moto listens');

export const settings = {
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'moto', secretAccessKey: 'moto' },
  maxAttempts: 1,
};

/** One server serves all tests: what each makes has a name of its own. */
export const fresh = (kind: string): string => `${kind}-${randomUUID()}`;

export async function aBucket(): Promise<string> {
  const Bucket = fresh('sortie');
  await new S3Client({ ...settings, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

export async function aLogGroup(): Promise<string> {
  const logGroupName = `/${fresh('sortie')}/jobs`;
  await new CloudWatchLogsClient(settings).send(new CreateLogGroupCommand({ logGroupName }));
  return logGroupName;
}

export async function aQueue(): Promise<{ url: string; arn: string }> {
  const QueueName = fresh('sortie');
  const { QueueUrl = '' } = await new SQSClient(settings).send(new CreateQueueCommand({ QueueName }));
  return { url: QueueUrl, arn: `arn:aws:sqs:${settings.region}:123456789012:${QueueName}` };
}

/** A bus whose events all come to the queue. */
export async function aBus(queue: { readonly arn: string }): Promise<string> {
  const client = new EventBridgeClient(settings);
  const [EventBusName, Name] = [fresh('sortie'), fresh('rule')];
  const EventPattern = JSON.stringify({ source: ['sortie'] });
  await client.send(new CreateEventBusCommand({ Name: EventBusName }));
  await client.send(new PutRuleCommand({ Name, EventBusName, EventPattern }));
  await client.send(
    new PutTargetsCommand({ Rule: Name, EventBusName, Targets: [{ Id: 'queue', Arn: queue.arn }] }),
  );
  return EventBusName;
}

export interface Launchable {
  readonly image: string;
  readonly securityGroup: string;
  readonly profile: string;
}

/** What a launch names, which moto wants to be there as EC2 does. */
export async function launchable(): Promise<Launchable> {
  const client = new EC2Client(settings);
  const { Images: [image] = [] } = await client.send(
    new DescribeImagesCommand({ Owners: ['amazon'], MaxResults: 5 }),
  );
  const GroupName = fresh('sortie');
  const { GroupId } = await client.send(
    new CreateSecurityGroupCommand({ GroupName, Description: GroupName }),
  );
  const profile = fresh('sortie-node');
  await iam({ Action: 'CreateInstanceProfile', InstanceProfileName: profile });
  if (image?.ImageId === undefined || GroupId === undefined)
    throw new Error('moto has no image or made no group');
  return { image: image.ImageId, securityGroup: GroupId, profile };
}

export async function anInstance({ image }: Launchable): Promise<string> {
  const { Instances } = await new EC2Client(settings).send(
    new RunInstancesCommand({ ImageId: image, InstanceType: 'm5.large', MinCount: 1, MaxCount: 1 }),
  );
  return Instances?.[0]?.InstanceId ?? '';
}

/** Sortie has no client of IAM. moto looks at no signature, but reads the service from where one would be. */
async function iam(parameters: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(settings.endpoint, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=moto/20261128/us-east-1/iam/aws4_request' },
    body: new URLSearchParams({ ...parameters, Version: '2010-05-08' }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}
