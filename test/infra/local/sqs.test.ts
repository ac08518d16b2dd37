import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsJson } from '../../../infra/local/aws-json/serve.ts';
import { openLocalDatabase } from '../../../infra/local/database.ts';
import { type Listener, listen } from '../../../infra/local/listen.ts';
import { openQueues } from '../../../infra/local/sqs/queues.ts';
import { sqsService } from '../../../infra/local/sqs/service.ts';
import { credentials, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
const database = openLocalDatabase(folder.path);
let clock = 1_000_000;
const queues = openQueues(database, ['letters'], () => clock);
let listener: Listener;
let sqs: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  listener = await listen(awsJson([sqsService(queues)], credentials), 0);
  sqs = new SQSClient({ endpoint: listener.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  QueueUrl = `${listener.url}/123456789012/letters`;
});
afterAll(async () => {
  sqs.destroy();
  await listener.close();
  database.close();
  folder.remove();
});

const receive = async (VisibilityTimeout = 30) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout })))
    .Messages ?? [];
const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

test('a message is received until it is deleted, each time after its visibility timeout', async () => {
  const MessageAttributes = { Why: { DataType: 'String', StringValue: 'broken' } };
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello', MessageAttributes }));
  const [first] = await receive();
  expect(first).toMatchObject({ Body: 'hello', MessageAttributes: { Why: { StringValue: 'broken' } } });
  expect(await receive()).toEqual([]);
  clock += 30_000;
  const [again] = await receive();
  expect(again).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
  clock += 30_000;
  expect(await receive()).toEqual([]);
});

test('a queue says how many messages it holds', async () => {
  await send('one');
  await send('two');
  await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toEqual({
    ApproximateNumberOfMessages: '1',
    ApproximateNumberOfMessagesNotVisible: '1',
  });
});

test('a queue that is not there, and a message that is too long, are refused as SQS does', async () => {
  const missing = new SendMessageCommand({ QueueUrl: `${listener.url}/123456789012/none`, MessageBody: 'x' });
  await expect(sqs.send(missing)).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
    message: 'The specified queue does not exist.',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(send('x'.repeat(1_048_577))).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
});
