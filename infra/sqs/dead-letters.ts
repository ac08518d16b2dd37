import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import type { DeadLetters, HeldLetter } from '../../domain/dead-letters/dead-letters.ts';
import { timeouts } from '../timeouts.ts';

export interface SqsDeadLettersConfig {
  readonly region: string;
  /** The queue's URL. */
  readonly queue: string;
}

// ReceiveMessage gives ten at most. A short poll asks some of SQS's servers only, and may find nothing where there is
// something; a long one asks all of them.
const BATCH = 10;
const POLL_SECONDS = 1;
/** Longer than the API has for a request. */
const HOLD_SECONDS = 60;

/** Letters in an SQS queue. Throws when SQS cannot be reached. */
export function sqsDeadLetters(config: SqsDeadLettersConfig, settings: SQSClientConfig = {}): DeadLetters {
  const client = new SQSClient({ region: config.region, requestHandler: timeouts(10_000), ...settings });
  const QueueUrl = config.queue;

  return {
    async put(MessageBody) {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    },

    async take(limit) {
      const taken = new Map<string, HeldLetter>();
      while (taken.size < limit) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: Math.min(BATCH, limit - taken.size),
            VisibilityTimeout: HOLD_SECONDS,
            WaitTimeSeconds: POLL_SECONDS,
            MessageSystemAttributeNames: ['SentTimestamp'],
            MessageAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) break;
        for (const letter of Messages.map(letterOf)) taken.set(letter.id, letter);
      }
      return [...taken.values()].sort((a, b) => a.sent_at - b.sent_at);
    },

    async giveBack(letters) {
      await Promise.all(
        letters.map(({ receipt }) =>
          client.send(
            new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receipt, VisibilityTimeout: 0 }),
          ),
        ),
      );
    },

    async remove({ receipt }) {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
    },
  };
}

const letterOf = ({
  MessageId,
  ReceiptHandle,
  Body,
  Attributes,
  MessageAttributes,
}: Message): HeldLetter => ({
  id: MessageId ?? '',
  receipt: ReceiptHandle ?? '',
  body: Body ?? '',
  attributes: Object.fromEntries(
    Object.entries(MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue ?? '']),
  ),
  sent_at: Number(Attributes?.SentTimestamp ?? 0),
});
