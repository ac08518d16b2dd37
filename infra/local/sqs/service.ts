import * as z from 'zod';
import { fail, ok } from '../../../domain/kernel/result.ts';
import { type Fault, type JsonService, operation } from '../aws-json/serve.ts';
import type { Message, Queues } from './queues.ts';

/** Of a standard queue. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const BODY_LIMIT = 1_048_576;
const DEFAULT_VISIBILITY_SECONDS = 30;

const queueUrl = z.string();
const attribute = z.object({ StringValue: z.string().optional(), DataType: z.string() });

/** The calls that a dead-letter queue is looked after with: send, receive, give back, delete, count. Long polls answer at once. */
export function sqsService(queues: Queues): JsonService {
  return {
    target: 'AmazonSQS',
    version: '1.0',
    operations: {
      SendMessage: operation(
        z.object({
          QueueUrl: queueUrl,
          MessageBody: z.string(),
          MessageAttributes: z.record(z.string(), attribute).default({}),
        }),
        'InvalidParameterValue',
        ({ QueueUrl, MessageBody, MessageAttributes }) => {
          if (Buffer.byteLength(MessageBody) > BODY_LIMIT) return fail(tooLong);
          const attributes = Object.fromEntries(
            Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue ?? '']),
          );
          const sent = queues.send(nameOf(QueueUrl), MessageBody, attributes);
          return sent ? ok({ MessageId: sent.messageId, MD5OfMessageBody: sent.md5 }) : fail(noSuchQueue);
        },
      ),
      ReceiveMessage: operation(
        z.object({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: z.number().int().min(1).max(10).default(1),
          VisibilityTimeout: z.number().int().min(0).max(43_200).default(DEFAULT_VISIBILITY_SECONDS),
        }),
        'InvalidParameterValue',
        ({ QueueUrl, MaxNumberOfMessages, VisibilityTimeout }) => {
          const messages = queues.receive(nameOf(QueueUrl), MaxNumberOfMessages, VisibilityTimeout * 1000);
          return messages ? ok({ Messages: messages.map(shown) }) : fail(noSuchQueue);
        },
      ),
      DeleteMessage: operation(
        z.object({ QueueUrl: queueUrl, ReceiptHandle: z.string() }),
        'InvalidParameterValue',
        ({ QueueUrl, ReceiptHandle }) => {
          // A handle that was used already is a success, as on SQS.
          queues.remove(nameOf(QueueUrl), ReceiptHandle);
          return queues.counts(nameOf(QueueUrl)) ? ok({}) : fail(noSuchQueue);
        },
      ),
      ChangeMessageVisibility: operation(
        z.object({
          QueueUrl: queueUrl,
          ReceiptHandle: z.string(),
          VisibilityTimeout: z.number().int().min(0).max(43_200),
        }),
        'InvalidParameterValue',
        ({ QueueUrl, ReceiptHandle, VisibilityTimeout }) => {
          if (!queues.counts(nameOf(QueueUrl))) return fail(noSuchQueue);
          const outcome = queues.hide(nameOf(QueueUrl), ReceiptHandle, VisibilityTimeout * 1000);
          return outcome === 'hidden' ? ok({}) : fail(noSuchMessage);
        },
      ),
      GetQueueAttributes: operation(
        z.object({ QueueUrl: queueUrl }),
        'InvalidParameterValue',
        ({ QueueUrl }) => {
          const counts = queues.counts(nameOf(QueueUrl));
          if (!counts) return fail(noSuchQueue);
          return ok({
            Attributes: {
              ApproximateNumberOfMessages: String(counts.visible),
              ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
            },
          });
        },
      ),
    },
  };
}

const noSuchQueue: Fault = {
  status: 400,
  code: 'com.amazonaws.sqs#QueueDoesNotExist',
  message: 'The specified queue does not exist.',
  queryCode: 'AWS.SimpleQueueService.NonExistentQueue',
};

const noSuchMessage: Fault = {
  status: 400,
  code: 'com.amazonaws.sqs#ReceiptHandleIsInvalid',
  message: 'The input receipt handle is invalid.',
  queryCode: 'ReceiptHandleIsInvalid',
};

const tooLong: Fault = {
  status: 400,
  code: 'com.amazon.coral.service#InvalidParameterValueException',
  message: `One or more parameters are invalid. Reason: Message must be shorter than ${BODY_LIMIT} bytes.`,
  queryCode: 'InvalidParameterValue',
};

const nameOf = (url: string): string => url.split('/').at(-1) ?? url;

function shown(message: Message): object {
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5,
    Body: message.body,
    Attributes: {
      SentTimestamp: String(message.sentAt),
      ApproximateReceiveCount: String(message.receives),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    },
    MessageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, value]) => [
        name,
        { DataType: 'String', StringValue: value },
      ]),
    ),
  };
}
